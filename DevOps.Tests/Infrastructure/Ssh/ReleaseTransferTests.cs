using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Core.Secrets;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Artifacts;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

public sealed class ReleaseTransferTests : SshRoom, IClassFixture<SshServerFixture>
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private readonly string _local = Directory.CreateTempSubdirectory("release-").FullName;
    private readonly FileArtifactStore _store;
    private readonly SshConnections _connections;
    private readonly RecordedOutput _log = new();

    public ReleaseTransferTests(SshServerFixture fixture)
        : base(fixture)
    {
        _store = new FileArtifactStore(new PlatformOptions { DataFolder = Path.Combine(_local, "data") }, TimeProvider.System);
        _connections = Connect(artifacts: _store);
        Target = Path.Combine(_local, "srv/it's $(here)");
    }

    private string Target { get; }

    public override async Task DisposeAsync()
    {
        await _connections.DisposeAsync();
        await base.DisposeAsync();
        Directory.Delete(_local, recursive: true);
    }

    [Fact]
    public async Task First_upload_brings_every_file_with_its_mode_and_link()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"), Write("bin/run", "#!/bin/sh\n", Executable), Link("bin/latest", "run"), Write("a b/it's \"q\" $(x).txt", "odd"), Write("-rf", "dash"), Write($"long/{new string('n', 180)}", "long"));

        var result = await UploadAsync(1, manifest);

        Assert.Equal((false, 6, 0), (result.AlreadyThere, result.FilesSent, result.FilesLinked));
        Assert.Equal("A", Read(1, "a.txt"));
        Assert.Equal("odd", Read(1, "a b/it's \"q\" $(x).txt"));
        Assert.Equal("dash", Read(1, "-rf"));
        Assert.Equal("long", Read(1, $"long/{new string('n', 180)}"));
        Assert.Equal(Executable, File.GetUnixFileMode(At(1, "bin/run")));
        Assert.Equal("run", new FileInfo(At(1, "bin/latest")).LinkTarget);
        Assert.Equal(manifest.Hash(), File.ReadAllText(Path.Combine(Target, ".devops/1")).Trim());
        Assert.Equal(["1"], Releases());
        Assert.Contains("6 files", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_upload_links_what_stayed_sends_what_changed_and_drops_what_is_gone()
    {
        var first = await PackAsync(1, Write("same.txt", "same"), Write("changed.txt", "old"), Write("gone/deep/x.txt", "gone"), Write("mode.sh", "m"), Link("link", "same.txt"), Write("kind", "file"));
        await UploadAsync(1, first);
        File.WriteAllText(At(1, "written-by-the-app.log"), "noise");
        Directory.CreateDirectory(At(1, "cache/empty"));
        var second = await PackAsync(2, Write("changed.txt", "new"), Delete("gone"), Write("mode.sh", "m", Executable), Link("link", "changed.txt"), Delete("kind"), Write("kind/file.txt", "now a folder"), Write("added.txt", "added"));

        var result = await UploadAsync(2, second, new() { Base = (1, first) });

        Assert.Equal((5, 1), (result.FilesSent, result.FilesLinked));
        Assert.Equal(["added.txt", "changed.txt", "kind", "link", "mode.sh", "same.txt"], Children(2));
        Assert.Equal("new", Read(2, "changed.txt"));
        Assert.Equal("old", Read(1, "changed.txt"));
        Assert.Equal("changed.txt", new FileInfo(At(2, "link")).LinkTarget);
        Assert.Equal(Executable, File.GetUnixFileMode(At(2, "mode.sh")));
        Assert.NotEqual(Executable, File.GetUnixFileMode(At(1, "mode.sh")));
        Assert.Equal(await InodeAsync(At(1, "same.txt")), await InodeAsync(At(2, "same.txt")));
        Assert.NotEqual(await InodeAsync(At(1, "changed.txt")), await InodeAsync(At(2, "changed.txt")));
        Assert.Contains("5 of 6 files changed", _log.Text, StringComparison.Ordinal);
        Assert.Contains("1 linked from release 1", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unchanged_release_sends_nothing_but_is_a_folder_of_its_own()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        var again = await PackAsync(2);

        var result = await UploadAsync(2, again, new() { Base = (1, manifest), VerifyAll = true });

        Assert.Equal(new UploadResult(AlreadyThere: false, FilesSent: 0, BytesSent: 0, FilesLinked: 1), result);
        Assert.Equal(["1", "2"], Releases());
    }

    [Fact]
    public async Task Base_that_was_edited_on_the_server_is_found_out_and_repaired()
    {
        var first = await PackAsync(1, Write("a.txt", "aaaa"), Write("b.txt", "b"));
        await UploadAsync(1, first);
        File.WriteAllText(At(1, "a.txt"), "evil");
        var second = await PackAsync(2, Write("b.txt", "B"));

        var result = await UploadAsync(2, second, new() { Base = (1, first), VerifyAll = true });

        Assert.Equal("aaaa", Read(2, "a.txt"));
        Assert.Equal("evil", Read(1, "a.txt"));
        Assert.Equal(2, result.FilesSent);
        Assert.Contains("differ from release 1 (a.txt)", _log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_file_that_was_edited_on_the_server_is_found_out_and_repaired(bool honestTools)
    {
        var tools = Directory.CreateDirectory(Path.Combine(_local, "tools")).FullName;
        foreach (var tool in (string[])["tar", "cp", "mv", "ln", "rm", "mkdir", "cat", "dd", "find", "readlink", "sha256sum", "printf", "sleep", "sort"])
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), $"/bin/{tool}");
        }

        // And an openssl that lies must not be believed.
        File.WriteAllText(Path.Combine(tools, "openssl"), "#!/bin/sh\necho 0000\n");
        File.SetUnixFileMode(Path.Combine(tools, "openssl"), Executable);
        var server = _connections.Get((await Fixture.StartServerAsync("large", $"SetEnv PATH={(honestTools ? "/usr/bin:/bin" : tools)}")).Access);
        var content = new string('x', 4 << 20);
        var first = await PackAsync(1, Write("large.bin", content), Write("small.txt", "s"));
        await server.UploadAsync(Upload(1, first, new() { VerifyAll = true }), _log, default);
        File.WriteAllText(At(1, "large.bin"), "y" + content[1..]);

        var result = await server.UploadAsync(Upload(2, await PackAsync(2, Write("small.txt", "t")), new() { Base = (1, first), VerifyAll = true }), _log, default);

        Assert.Equal(2, result.FilesSent);
        Assert.Equal(content, Read(2, "large.bin"));
    }

    [Fact]
    public async Task Base_without_its_mark_is_not_used()
    {
        var first = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, first);
        File.Delete(Path.Combine(Target, ".devops/1"));
        var second = await PackAsync(2, Write("b.txt", "B"));

        var result = await UploadAsync(2, second, new() { Base = (1, first) });

        Assert.Equal((2, 0), (result.FilesSent, result.FilesLinked));
    }

    [Fact]
    public async Task Repeated_upload_leaves_the_release_alone()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        var inode = await InodeAsync(At(1, "a.txt"));

        var result = await UploadAsync(1, manifest, new() { VerifyAll = true });

        Assert.Equal(new UploadResult(AlreadyThere: true, FilesSent: 0, BytesSent: 0, FilesLinked: 0), result);
        Assert.Equal(inode, await InodeAsync(At(1, "a.txt")));
    }

    [Fact]
    public async Task Release_that_was_edited_on_the_server_is_sent_anew()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        File.WriteAllText(At(1, "a.txt"), "Z");

        var result = await UploadAsync(1, manifest, new() { VerifyAll = true });

        Assert.False(result.AlreadyThere);
        Assert.Equal("A", Read(1, "a.txt"));
        Assert.Equal(["1"], Releases());
    }

    [Fact]
    public async Task Half_of_an_upload_is_replaced()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        var half = Path.Combine(Target, "releases/.1.partial");
        Directory.CreateDirectory(half);
        File.WriteAllText(Path.Combine(half, "left.txt"), "left");
        Directory.CreateDirectory(At(1, "older"));

        await UploadAsync(1, manifest);

        Assert.Equal(["a.txt"], Children(1));
        Assert.Equal(["1"], Releases());
    }

    [Fact]
    public async Task Shared_paths_are_linked_and_outlive_releases()
    {
        string[] shared = ["uploads/", "config/local.json", "log/"];
        var first = await PackAsync(1, Write("uploads/welcome.txt", "hello"), Write("config/app.json", "{}"));
        await UploadAsync(1, first, new() { Shared = shared });
        File.WriteAllText(Path.Combine(Target, "shared/uploads/by-user.txt"), "mine");
        var second = await PackAsync(2, Write("config/app.json", "{2}"));

        await UploadAsync(2, second, new() { Shared = shared, Base = (1, first), VerifyAll = true });
        var again = await UploadAsync(2, second, new() { Shared = shared, Base = (1, first), VerifyAll = true });

        Assert.True(again.AlreadyThere);
        Assert.Equal("hello", Read(2, "uploads/welcome.txt"));
        Assert.Equal("mine", Read(2, "uploads/by-user.txt"));
        Assert.Equal("mine", Read(1, "uploads/by-user.txt"));
        Assert.Equal("../../shared/uploads", new FileInfo(At(2, "uploads")).LinkTarget);
        Assert.Equal("../../../shared/config/local.json", new FileInfo(At(2, "config/local.json")).LinkTarget);
        Assert.Equal("", Read(2, "config/local.json"));
        Assert.True(Directory.Exists(Path.Combine(Target, "shared/log")));
    }

    [Fact]
    public async Task Environment_files_are_only_for_their_owner_and_change_with_the_environment()
    {
        var first = await PackAsync(1, Write("config/app.json", "from the release"), Write("a.txt", "A"));
        await UploadAsync(1, first, Files(("config/app.json", "s3cr3t 'one'\n"), ("old.env", "OLD=1")));
        Assert.Equal("s3cr3t 'one'\n", Read(1, "config/app.json"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At(1, "config/app.json")));

        var second = await PackAsync(2, Write("a.txt", "B"));
        await UploadAsync(2, second, Files(("config/app.json", "two")) with { Base = (1, first), VerifyAll = true });
        await UploadAsync(1, first, Files(("config/app.json", "rewritten")) with { VerifyAll = true });

        Assert.Equal("two", Read(2, "config/app.json"));
        Assert.Equal("rewritten", Read(1, "config/app.json"));
        Assert.False(File.Exists(At(2, "old.env")));
    }

    [Fact]
    public async Task Path_that_cannot_be_written_is_said_plainly()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        File.WriteAllText(Path.Combine(_local, "file"), "no folder");

        var failure = await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest, new() { Path = "/proc/devops" }));
        var file = await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest, new() { Path = Path.Combine(_local, "file/app") }));

        Assert.StartsWith("shared: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Not a directory", file.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_tool_is_named_before_anything_is_made()
    {
        var tools = Directory.CreateDirectory(Path.Combine(_local, "few")).FullName;
        foreach (var tool in new[] { "tar", "cp", "mv", "ln", "dd", "find" })
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), "/bin/" + tool);
        }

        var server = await Fixture.StartServerAsync("few", $"SetEnv PATH={tools}");
        var manifest = await PackAsync(1, Write("a.txt", "A"));

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _connections.Get(server.Access).UploadAsync(Upload(1, manifest, null), _log, default));

        Assert.Contains("sha256sum", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public async Task Tools_of_a_small_system_are_enough()
    {
        var tools = Directory.CreateDirectory(Path.Combine(_local, "busybox")).FullName;
        foreach (var tool in new[] { "tar", "cp", "mv", "ln", "rm", "mkdir", "cat", "dd", "find", "readlink", "sha256sum", "printf", "sleep", "sort" })
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), "/bin/busybox");
        }

        var small = _connections.Get((await Fixture.StartServerAsync("small", $"SetEnv PATH={tools}")).Access);
        var longName = new string('n', 180);
        var first = await PackAsync(1, Write("same.txt", "same"), Write("changed.txt", "old"), Write("gone/x.txt", "gone"), Write("run", "r", Executable), Link("link", "same.txt"), Write($"long/{longName}", "long"), Write("two\nlines", "odd"), Write("large", new string('l', 4 << 20)));
        var second = await PackAsync(2, Write("changed.txt", "new"), Delete("gone"));

        await small.UploadAsync(Upload(1, first, new() { VerifyAll = true, Shared = ["log/"] }), _log, default);
        var result = await small.UploadAsync(Upload(2, second, new() { Base = (1, first), VerifyAll = true, Shared = ["log/"] }), _log, default);

        Assert.Equal((2, 5), (result.FilesSent, result.FilesLinked));
        Assert.Equal(["changed.txt", "large", "link", "log", "long", "run", "same.txt", "two\nlines"], Children(2));
        Assert.Equal("old", Read(1, "changed.txt"));
        Assert.Equal("new", Read(2, "changed.txt"));
        Assert.Equal("long", Read(2, $"long/{longName}"));
        Assert.Equal(Executable, File.GetUnixFileMode(At(2, "run")));
        Assert.Equal(await InodeAsync(At(1, "same.txt")), await InodeAsync(At(2, "same.txt")));
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("")]
    public async Task Paths_that_leave_the_folder_are_refused(string path)
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));

        await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest, Files((path, "x"))));
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public async Task Cancelled_upload_leaves_no_release()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        using var stop = new CancellationTokenSource();
        await using var stuck = Connect(artifacts: new StuckStore(_store, stop));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck.Get(Fixture.Server.Access).UploadAsync(Upload(1, manifest, null), _log, stop.Token));

        Assert.Equal([], Releases().Where(r => r[0] != '.'));
        Assert.False(File.Exists(Path.Combine(Target, ".devops/1")));
        await UploadAsync(1, manifest);
        Assert.Equal("A", Read(1, "a.txt"));
    }

    private Task<UploadResult> UploadAsync(int number, Manifest manifest, Wish? wish = null) =>
        _connections.Get(Fixture.Server.Access).UploadAsync(Upload(number, manifest, wish), _log, default);

    private ReleaseUpload Upload(int number, Manifest manifest, Wish? wish) => new()
    {
        Path = wish?.Path ?? Target,
        ProjectId = 1,
        Number = number,
        Manifest = manifest,
        Base = wish?.Base,
        VerifyAll = wish?.VerifyAll ?? false,
        Shared = wish?.Shared ?? [],
        Files = wish?.Files ?? new Dictionary<string, Sensitive>(),
    };

    private static Wish Files(params (string Path, string Content)[] files) => new() { Files = files.ToDictionary(f => f.Path, f => new Sensitive(f.Content), StringComparer.Ordinal) };

    private async Task<Manifest> PackAsync(int number, params Action<string>[] changes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_local, "work")).FullName;
        foreach (var change in changes)
        {
            change(folder);
        }

        return await _store.PackAsync(new PackRequest(1, number, folder, ["**"]), new RecordedOutput(), default);
    }

    private static Action<string> Write(string path, string content, UnixFileMode? mode = null) => folder =>
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        if (mode is { } bits)
        {
            File.SetUnixFileMode(file, bits);
        }
    };

    private static Action<string> Link(string path, string target) => folder =>
    {
        var link = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    };

    private static Action<string> Delete(string path) => folder =>
    {
        var target = Path.Combine(folder, path);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }
        else
        {
            File.Delete(target);
        }
    };

    private string At(int number, string path) => Path.Combine(Target, "releases", number.ToString(CultureInfo.InvariantCulture), path);

    private string Read(int number, string path) => File.ReadAllText(At(number, path));

    private string[] Children(int number) => [.. Directory.GetFileSystemEntries(At(number, "")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    private string[] Releases() =>
        Directory.Exists(Path.Combine(Target, "releases")) ? [.. Directory.GetFileSystemEntries(Path.Combine(Target, "releases")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)] : [];

    private async Task<string> InodeAsync(string path) => (await Host.RunAsync(Command($"ls -i -- {DevOps.Core.Pipeline.Commands.ShellQuote.Word(path)}"), null, default)).Output.Trim().Split(' ')[0];

    private sealed record Wish
    {
        public string? Path { get; init; }

        public (int Number, Manifest Manifest)? Base { get; init; }

        public bool VerifyAll { get; init; }

        public IReadOnlyList<string>? Shared { get; init; }

        public IReadOnlyDictionary<string, Sensitive>? Files { get; init; }
    }

    /// <summary>A store whose stream cancels the upload in the middle of its first read.</summary>
    private sealed class StuckStore(FileArtifactStore inner, CancellationTokenSource stop) : IArtifactStore
    {
        public Task<Manifest> PackAsync(PackRequest request, DevOps.Core.Logs.ILogOutput output, CancellationToken cancellationToken) => inner.PackAsync(request, output, cancellationToken);

        public Task<Manifest?> ReadManifestAsync(long projectId, int number, CancellationToken cancellationToken) => inner.ReadManifestAsync(projectId, number, cancellationToken);

        public Stream OpenTar(long projectId, int number) => new Stuck(stop);

        public Task DeleteAsync(long projectId, int number, CancellationToken cancellationToken) => inner.DeleteAsync(projectId, number, cancellationToken);
    }

    private sealed class Stuck(CancellationTokenSource stop) : MemoryStream(new byte[4096])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }
}
