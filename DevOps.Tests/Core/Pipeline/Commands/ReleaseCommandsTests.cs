using System.Diagnostics;
using DevOps.Core.Pipeline.Commands;

namespace DevOps.Tests.Core.Pipeline.Commands;

public sealed class ReleaseCommandsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("release-commands-").FullName;

    public static TheoryData<string> Names => ["plain", "with blank", "it's", "$(touch x)", "`touch x`", "-rf", "line\nbreak", "\"double\"", "a;b&c|d", "*", "汉字", "back\\slash"];

    [Fact]
    public void Activate_is_the_exact_script() => Assert.Equal(
        """
        cd -- '/srv/it'\''s here'
        if [ ! -d releases/7 ]; then echo 'Release 7 is not on this server. Deploy it again.' >&2; exit 1; fi
        if [ -e current ] && [ ! -L current ]; then echo 'current is there and is no link. Move it away, then deploy again.' >&2; exit 1; fi
        rm -rf -- current.tmp
        ln -s -- releases/7 current.tmp
        said=$(mv -fT -- current.tmp current 2>&1) || mv -fh -- current.tmp current 2>/dev/null || { printf '%s\n' "$said" >&2; exit 1; }
        """,
        ReleaseCommands.Activate("/srv/it's here", 7));

    [Fact]
    public void ReadCurrent_is_the_exact_script() => Assert.Equal(
        """
        link=$(readlink -- '/srv/a b/current') || exit 0
        number=${link#releases/}
        case $link in releases/*) ;; *) exit 0 ;; esac
        case $number in ''|*[!0-9]*) ;; *) printf '%s\n' "$number" ;; esac
        """,
        ReleaseCommands.ReadCurrent("/srv/a b"));

    [Fact]
    public void Prune_is_the_exact_script() => Assert.Equal(
        """
        cd -- /srv/app/releases
        current=$(readlink ../current) || current=
        protected=' 4 9 '${current#releases/}' '
        left=3
        for number in $(for name in *; do case $name in *[!0-9]*) ;; *) printf '%s\n' "$name" ;; esac; done | sort -rn); do
        if [ "$left" -gt 0 ]; then left=$((left - 1)); continue; fi
        case $protected in *" $number "*) continue ;; esac
        rm -f -- "../.devops/$number"
        rm -rf -- "$number"
        printf 'Removed release %s.\n' "$number"
        done
        for half in .[0-9]*; do rm -rf -- "$half"; done
        """,
        ReleaseCommands.Prune("/srv/app", 3, [9, 4]));

    [Theory]
    [MemberData(nameof(Names))]
    public void Activate_switches_the_link_whatever_the_folder_is_called(string name)
    {
        var path = Project(name, 1, 2);

        Assert.Equal((0, "", ""), Run(ReleaseCommands.ReadCurrent(path)));
        Assert.Equal((0, "", ""), Run(ReleaseCommands.Activate(path, 1)));
        Assert.Equal((0, "1\n", ""), Run(ReleaseCommands.ReadCurrent(path)));
        Assert.Equal((0, "", ""), Run(ReleaseCommands.Activate(path, 2)));
        Assert.Equal((0, "", ""), Run(ReleaseCommands.Activate(path, 2)));
        Assert.Equal((0, "2\n", ""), Run(ReleaseCommands.ReadCurrent(path)));

        Assert.Equal("releases/2", new FileInfo(Path.Combine(path, "current")).LinkTarget);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(path, "releases", "1")));
        Assert.False(File.Exists(Path.Combine(_root, "x")));
        Assert.Null(new FileInfo(Path.Combine(path, "current.tmp")).LinkTarget);
    }

    [Fact]
    public void Activate_of_an_absent_release_leaves_the_current_one()
    {
        var path = Project("app", 1);
        Run(ReleaseCommands.Activate(path, 1));

        var (code, _, error) = Run(ReleaseCommands.Activate(path, 5));

        Assert.Equal(1, code);
        Assert.Contains("Release 5 is not on this server", error, StringComparison.Ordinal);
        Assert.Equal((0, "1\n", ""), Run(ReleaseCommands.ReadCurrent(path)));
    }

    [Fact]
    public void Activate_refuses_a_current_that_is_a_folder()
    {
        var path = Project("app", 1);
        Directory.CreateDirectory(Path.Combine(path, "current"));

        var (code, _, error) = Run(ReleaseCommands.Activate(path, 1));

        Assert.Equal(1, code);
        Assert.Contains("is no link", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/elsewhere/releases/4")]
    [InlineData("releases/4x")]
    [InlineData("releases/")]
    public void ReadCurrent_of_a_foreign_link_prints_nothing(string target)
    {
        var path = Project("app", 4);
        File.CreateSymbolicLink(Path.Combine(path, "current"), target);

        Assert.Equal((0, "", ""), Run(ReleaseCommands.ReadCurrent(path)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prune_keeps_the_newest_the_current_and_the_protected(string name)
    {
        var path = Project(name, 1, 2, 3, 9, 10, 11);
        Directory.CreateDirectory(Path.Combine(path, "releases", ".12.0123abcd"));
        Directory.CreateDirectory(Path.Combine(path, "releases", ".11.old"));
        Directory.CreateDirectory(Path.Combine(path, "releases", "notes of 1"));
        Run(ReleaseCommands.Activate(path, 2));

        var (code, output, error) = Run(ReleaseCommands.Prune(path, 2, [3]));

        Assert.Equal((0, "Removed release 9.\nRemoved release 1.\n", ""), (code, output, error));
        Assert.Equal(["10", "11", "2", "3", "notes of 1"], Children(path, "releases"));
        Assert.Equal(["10", "11", "2", "3"], Children(path, ".devops"));
    }

    [Fact]
    public void Prune_with_nothing_to_keep_leaves_the_current_one()
    {
        var path = Project("app", 1, 2);
        Run(ReleaseCommands.Activate(path, 1));

        Assert.Equal(0, Run(ReleaseCommands.Prune(path, 0, [])).Code);

        Assert.Equal(["1"], Children(path, "releases"));
    }

    [Fact]
    public void Prune_of_an_empty_folder_removes_nothing()
    {
        var path = Project("app");

        Assert.Equal((0, "", ""), Run(ReleaseCommands.Prune(path, 1, [])));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Project(string name, params int[] releases)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.Combine(path, ".devops"));
        Directory.CreateDirectory(Path.Combine(path, "releases"));
        foreach (var number in releases)
        {
            Directory.CreateDirectory(Path.Combine(path, "releases", number.ToString()));
            File.WriteAllText(Path.Combine(path, ".devops", number.ToString()), "hash");
        }

        return path;
    }

    private static string[] Children(string path, string folder) =>
        [.. Directory.GetFileSystemEntries(Path.Combine(path, folder)).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    private (int Code, string Output, string Error) Run(string script)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _root,
            ArgumentList = { "-e", "-c", script },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
