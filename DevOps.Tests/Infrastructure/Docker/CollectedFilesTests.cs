using System.Formats.Tar;
using System.Text;
using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Docker;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>What a hostile build could put into the stream that comes out of its container.</summary>
public sealed class CollectedFilesTests : IDisposable
{
    private readonly BuildFolders _folders = new();

    [Theory]
    [InlineData("../evil")]
    [InlineData("workspace/../../evil")]
    [InlineData("/etc/evil")]
    public async Task Name_that_leaves_the_folder_is_refused(string name)
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => UnpackAsync(File(name, "x")));

        Assert.Contains(name, failure.Message);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../../x")]
    [InlineData("a/../../..")]
    [InlineData("here/..")]
    public async Task Link_that_may_lead_outside_is_refused(string target)
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => UnpackAsync(Link("workspace/link", target)));

        Assert.Contains("“link”", failure.Message);
        Assert.Contains(target, failure.Message);
    }

    [Fact]
    public async Task Link_that_leads_outside_and_is_not_wanted_is_left_out_and_named()
    {
        var files = await UnpackAsync(name => !name.StartsWith(".venv/", StringComparison.Ordinal), Link("workspace/.venv/bin/python", "/usr/bin/python3"), File("workspace/app.py", "x"));

        Assert.Equal([".venv/bin/python"], files.LeftOut);
        Assert.Null(new FileInfo(Path.Combine(_folders.Destination, ".venv/bin/python")).LinkTarget);
        Assert.Equal("x", _folders.Get("app.py"));
    }

    [Fact]
    public async Task Link_that_stays_inside_is_kept()
    {
        await UnpackAsync(Link("workspace/a/b/up", "../../x/y"), Link("workspace/self", "."), Link("workspace/dangling", "nothing/there"));

        Assert.Equal("../../x/y", new FileInfo(Path.Combine(_folders.Destination, "a/b/up")).LinkTarget);
        Assert.Equal("nothing/there", new FileInfo(Path.Combine(_folders.Destination, "dangling")).LinkTarget);
    }

    [Fact]
    public async Task File_behind_a_link_of_the_same_stream_is_refused()
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => UnpackAsync(Link("workspace/dir", "other"), File("workspace/dir/evil", "x")));

        Assert.Contains("behind a link", failure.Message);
        Assert.False(Directory.Exists(Path.Combine(_folders.Destination, "other")));
    }

    [Fact]
    public async Task File_in_the_place_of_a_link_replaces_the_link_and_not_its_target()
    {
        var victim = _folders.Put("victim", "untouched");
        Directory.CreateDirectory(_folders.Destination);
        System.IO.File.CreateSymbolicLink(Path.Combine(_folders.Destination, "name"), victim);

        await UnpackAsync(File("workspace/name", "new"));

        Assert.Equal("untouched", System.IO.File.ReadAllText(victim));
        Assert.Equal("new", _folders.Get("name"));
        Assert.Null(new FileInfo(Path.Combine(_folders.Destination, "name")).LinkTarget);
    }

    [Fact]
    public async Task Folder_behind_a_link_that_stood_there_before_is_refused()
    {
        Directory.CreateDirectory(_folders.Destination);
        System.IO.File.CreateSymbolicLink(Path.Combine(_folders.Destination, "dir"), _folders.Workspace);

        await Assert.ThrowsAsync<StepFailure>(() => UnpackAsync(File("workspace/dir/evil", "x")));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folders.Workspace));
    }

    [Theory]
    [InlineData("workspace/absent")]
    [InlineData("../../etc/passwd")]
    [InlineData("workspace/dir/passwd")]
    public async Task Second_name_of_a_file_that_is_not_there_is_refused(string target) =>
        await Assert.ThrowsAsync<StepFailure>(() => UnpackAsync(Link("workspace/dir", "."), new GnuTarEntry(TarEntryType.HardLink, "workspace/hard") { LinkName = target }));

    [Fact]
    public async Task Second_name_of_a_file_becomes_a_file_of_its_own()
    {
        await UnpackAsync(File("workspace/one", "same"), new GnuTarEntry(TarEntryType.HardLink, "workspace/two") { LinkName = "workspace/one" });
        System.IO.File.AppendAllText(Path.Combine(_folders.Destination, "one"), " no more");

        Assert.Equal("same", _folders.Get("two"));
    }

    [Fact]
    public async Task Modes_are_kept_but_not_those_that_lend_rights()
    {
        await UnpackAsync(
            new GnuTarEntry(TarEntryType.Directory, "workspace/closed") { Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute },
            File("workspace/closed/tool", "x", (UnixFileMode)0xDED));

        Assert.Equal((UnixFileMode)0x1ED, System.IO.File.GetUnixFileMode(Path.Combine(_folders.Destination, "closed/tool")));
    }

    [Fact]
    public async Task Device_is_left_out_and_named()
    {
        var files = await UnpackAsync(new GnuTarEntry(TarEntryType.CharacterDevice, "workspace/null") { DeviceMajor = 1, DeviceMinor = 3 }, File("workspace/a", "a"));

        Assert.Equal(["null"], files.LeftOut);
        Assert.Equal(1, files.Files);
    }

    public void Dispose() => _folders.Dispose();

    private Task<CollectedFiles> UnpackAsync(params TarEntry[] entries) => UnpackAsync(_ => true, entries);

    private async Task<CollectedFiles> UnpackAsync(Predicate<string> wanted, params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        await using (var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                await tar.WriteEntryAsync(entry);
            }
        }

        stream.Position = 0;
        var files = new CollectedFiles(_folders.Destination, wanted);
        await files.UnpackAsync(stream, "", CancellationToken.None);
        files.Finish();
        return files;
    }

    private static GnuTarEntry File(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        new(TarEntryType.RegularFile, name) { Mode = mode, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    private static GnuTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };
}
