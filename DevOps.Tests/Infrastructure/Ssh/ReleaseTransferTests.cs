using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Infrastructure.Artifacts;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

public sealed class ReleaseTransferTests(SshServerFixture fixture) : ReleaseTransferRoom(fixture), IClassFixture<SshServerFixture>
{
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
        Assert.Contains("6 files", Log.Text, StringComparison.Ordinal);
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
        Assert.Contains("5 of 6 files changed", Log.Text, StringComparison.Ordinal);
        Assert.Contains("1 linked from release 1", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Release_that_is_there_is_known_before_it_is_read()
    {
        var manifest = await PackAsync(1, Write("large", new string('l', 8 << 20)));
        await UploadAsync(1, manifest);

        var result = await UploadAsync(1, manifest);

        Assert.Equal(new UploadResult(AlreadyThere: true, FilesSent: 0, BytesSent: 0, FilesLinked: 0), result);
        Assert.Contains("Release 1 is already there.", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(4 << 20)]
    public async Task Stored_files_that_end_too_early_are_what_the_failure_names(int left)
    {
        var manifest = await PackAsync(1, Write("large", new string('l', 8 << 20)));
        using (var stored = new FileStream(Directory.GetFiles(Local, "*.tar", SearchOption.AllDirectories).Single(), FileMode.Open))
        {
            stored.SetLength(left);
        }

        var failure = await Assert.ThrowsAsync<StepFailure>(() => UploadAsync(1, manifest));

        Assert.Contains("end too early", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1", Releases());
    }

    [Theory]
    [InlineData("releases/.1.0123abcd")]
    [InlineData("releases/.1.0123abcd.gone")]
    public async Task Half_of_an_upload_is_replaced(string left)
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        var half = Path.Combine(Target, left);
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
        await using var stuck = Connect(artifacts: new StuckStore(Store, stop));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck.Get(Fixture.Server.Access).UploadAsync(Upload(1, manifest, null), Log, stop.Token));

        Assert.Equal([], Releases().Where(r => r[0] != '.'));
        Assert.False(File.Exists(Path.Combine(Target, ".devops/1")));
        await UploadAsync(1, manifest);
        Assert.Equal("A", Read(1, "a.txt"));
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
