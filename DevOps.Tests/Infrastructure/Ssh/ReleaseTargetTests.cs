using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

/// <summary>What a server has and lacks: rights, tools, perl.</summary>
public sealed class ReleaseTargetTests(SshServerFixture fixture) : ReleaseTransferRoom(fixture), IClassFixture<SshServerFixture>
{
    [Fact]
    public async Task Path_that_cannot_be_written_is_said_plainly()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        File.WriteAllText(Path.Combine(Local, "file"), "no folder");

        var failure = await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest, new() { Path = "/proc/devops" }));
        var file = await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest, new() { Path = Path.Combine(Local, "file/app") }));

        Assert.StartsWith("shared: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Not a directory", file.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_cannot_take_a_release_is_not_sent_any_of_it()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        Directory.Delete(Path.Combine(Local, "data"), recursive: true);

        var failure = await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest, new() { Path = "/proc/devops" }));

        Assert.StartsWith("shared: ", failure.Message, StringComparison.Ordinal);
    }

    // 1032 is F_GETPIPE_SZ of fcntl(2).
    [Theory]
    [InlineData(1 << 20, true, 1 << 20)]
    [InlineData(1 << 20, false, 64 << 10)]
    [InlineData(1, true, 64 << 10)]
    public async Task Pipe_of_a_long_stream_is_widened_where_perl_is_there(int length, bool perl, int width)
    {
        var seen = Path.Combine(Local, "width");
        var tar = ("tar", $"/usr/bin/perl -e 'print fcntl(STDIN, 1032, 0)' >{seen}\nexec /bin/tar \"$@\"");
        var server = await (perl ? ServerWithAsync(tar, ("perl", "exec /usr/bin/perl \"$@\"")) : ServerWithAsync(tar));

        await server.UploadAsync(Upload(1, await PackAsync(1, Write("large", new string('l', length))), null), Log, default);

        Assert.Equal(length, Read(1, "large").Length);
        Assert.Equal(width, int.Parse(await File.ReadAllTextAsync(seen), CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Missing_tool_is_named_before_anything_is_made()
    {
        var tools = Directory.CreateDirectory(Path.Combine(Local, "few")).FullName;
        foreach (var tool in new[] { "tar", "cp", "mv", "ln", "dd", "find" })
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), "/bin/" + tool);
        }

        var server = await Fixture.StartServerAsync("few", $"SetEnv PATH={tools}");
        var manifest = await PackAsync(1, Write("a.txt", "A"));

        var failure = await Assert.ThrowsAsync<StepFailure>(() => Uplinks.Get(server.Access).UploadAsync(Upload(1, manifest, null), Log, default));

        Assert.Contains("sha256sum", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public async Task Tools_of_a_small_system_are_enough()
    {
        var tools = Directory.CreateDirectory(Path.Combine(Local, "busybox")).FullName;
        foreach (var tool in new[] { "tar", "cp", "mv", "ln", "rm", "mkdir", "cat", "dd", "find", "readlink", "sha256sum", "cksum", "printf", "sleep", "sort" })
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), "/bin/busybox");
        }

        var small = Uplinks.Get((await Fixture.StartServerAsync("small", $"SetEnv PATH={tools}")).Access);
        var longName = new string('n', 180);
        var first = await PackAsync(1, Write("same.txt", "same"), Write("changed.txt", "old"), Write("gone/x.txt", "gone"), Write("run", "r", Executable), Link("link", "same.txt"), Write($"long/{longName}", "long"), Write("two\nlines", "odd"), Write("large", new string('l', 4 << 20)));
        var second = await PackAsync(2, Write("changed.txt", "new"), Delete("gone"));

        await small.UploadAsync(Upload(1, first, new() { VerifyAll = true, Shared = ["log/"] }), Log, default);
        var result = await small.UploadAsync(Upload(2, second, new() { Base = (1, first), VerifyAll = true, Shared = ["log/"] }), Log, default);

        Assert.Equal((2, 5), (result.FilesSent, result.FilesLinked));
        Assert.Equal(["changed.txt", "large", "link", "log", "long", "run", "same.txt", "two\nlines"], Children(2));
        Assert.Equal("old", Read(1, "changed.txt"));
        Assert.Equal("new", Read(2, "changed.txt"));
        Assert.Equal("long", Read(2, $"long/{longName}"));
        Assert.Equal(Executable, File.GetUnixFileMode(At(2, "run")));
        Assert.Equal(await InodeAsync(At(1, "same.txt")), await InodeAsync(At(2, "same.txt")));
    }

    [Fact]
    public async Task Server_that_prints_without_end_fails_the_step()
    {
        var first = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, first);
        var server = await ServerWithAsync(("find", "exec cat /dev/zero"));

        var failure = await Assert.ThrowsAsync<StepFailure>(async () => await server.UploadAsync(Upload(2, await PackAsync(2), new() { Base = (1, first) }), Log, default));

        Assert.Contains("it printed more than", failure.Message, StringComparison.Ordinal);
    }
}
