using System.Diagnostics;

namespace DevOps.Tests.Fixtures;

/// <summary>A real git repository in a temporary folder, made with the installed git and no configuration of the machine's.</summary>
public sealed class GitFixture : IDisposable
{
    /// <summary>Makes an empty repository with the branch <c>main</c>.</summary>
    public GitFixture(string name = "shop")
    {
        Root = Directory.CreateTempSubdirectory("git-").FullName;
        Folder = Path.Combine(Root, name);
        Directory.CreateDirectory(Folder);
        Git("init", "--quiet", "--initial-branch=main");
    }

    /// <summary>Folder that holds the repository's folder.</summary>
    public string Root { get; }

    /// <summary>The work tree.</summary>
    public string Folder { get; }

    /// <summary>Its address.</summary>
    public string Url => $"file://{Folder}";

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Writes a file.</summary>
    public GitFixture Write(string path, string text)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    /// <summary>Commits all there is.</summary>
    /// <returns>The full hash.</returns>
    public string Commit(string message = "Change")
    {
        Git("add", "--all", "--force");
        Git("commit", "--quiet", "--allow-empty", "-m", message);
        return Git("rev-parse", "HEAD");
    }

    /// <summary>Runs git in the work tree.</summary>
    /// <returns>What it printed, without the last line end.</returns>
    public string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.TrimEnd('\n') : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {errors.Result}");
    }

    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_AUTHOR_NAME"] = "Lin",
        ["GIT_AUTHOR_EMAIL"] = "lin@example.com",
        ["GIT_COMMITTER_NAME"] = "Lin",
        ["GIT_COMMITTER_EMAIL"] = "lin@example.com",
        ["GIT_ALLOW_PROTOCOL"] = "file",
        ["LC_ALL"] = "C.UTF-8",
    };
}
