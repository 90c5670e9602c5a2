using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Git;

/// <summary>What someone who can push puts into <c>.gitmodules</c> and into trees: the classes of git's own published holes (options and commands as
/// addresses and paths, CVE-2017-1000117, CVE-2018-17456, CVE-2018-11235; links on the way, CVE-2021-21300, CVE-2024-32002; local folders, CVE-2022-39253).</summary>
public sealed class GitHostileSubmoduleTests : IDisposable
{
    private readonly GitRoom _room = new();
    private readonly GitFixture _library = new("library");
    private readonly string _library1;
    private readonly string _outside;

    public GitHostileSubmoduleTests()
    {
        _library1 = _library.Write("lib.txt", "lib").Commit();
        _outside = Directory.CreateDirectory(Path.Combine(_room.Platform.DataFolder, "outside")).FullName;
        File.WriteAllText(Path.Combine(_outside, "precious.txt"), "precious");
    }

    public void Dispose()
    {
        Assert.Equal("precious", File.ReadAllText(Path.Combine(_outside, "precious.txt")));
        _room.Dispose();
        _library.Dispose();
    }

    public static TheoryData<string> Addresses() => [.. HostileInput.RepositoryUrls.Where(u => !u.StartsWith("file:///", StringComparison.Ordinal) && !u.Contains('\n', StringComparison.Ordinal) && !u.StartsWith("../", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Address_that_is_none_is_refused_and_runs_nothing(string url)
    {
        var witness = Path.Combine(_room.Platform.DataFolder, "pwned");
        var sha = Submodule("library", url.Replace("/tmp/pwned", witness, StringComparison.Ordinal));

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(sha, submodules: true));

        Assert.Contains("'library' is not accepted", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(witness));
    }

    [Theory]
    [InlineData("-oProxyCommand=touch pwned")]
    [InlineData("--upload-pack=touch pwned")]
    [InlineData("-u./payload")]
    [InlineData("$(touch pwned)")]
    [InlineData("a b;touch pwned")]
    public async Task Path_like_an_option_or_a_command_is_only_a_folder(string path)
    {
        var sha = Submodule(path, _library.Url);

        await _room.CheckoutAsync(sha, submodules: true);

        Assert.Equal("lib", _room.Read($"{path}/lib.txt"));
        Assert.Empty(Directory.EnumerateFiles(_room.Workspace, "pwned", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Update_command_name_and_include_of_gitmodules_are_not_looked_at()
    {
        var witness = Path.Combine(_room.Platform.DataFolder, "pwned");
        _room.Repository.Write(".gitmodules", $"""
            [include]
                path = {_outside}/precious.txt
            [core]
                sshCommand = touch {witness}
                fsmonitor = touch {witness}
            [submodule "../../../outside"]
                path = library
                url = {_library.Url}
                update = !touch {witness}
                fetchRecurseSubmodules = true
            """);
        Link("library");
        var sha = Commit();

        await _room.CheckoutAsync(sha, submodules: true);

        Assert.Equal("lib", _room.Read("library/lib.txt"));
        Assert.False(File.Exists(witness));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData(".")]
    [InlineData("git~1")]
    public async Task Tree_with_a_forbidden_name_is_refused(string name)
    {
        var modules = CraftedTree.Blob(_room.Repository, $"[submodule \"x\"]\npath = {name}\nurl = {_library.Url}\n");
        var sha = CraftedTree.Commit(_room.Repository, (Mode.File, ".gitmodules", modules), (Mode.Submodule, name, _library1));

        await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(sha, submodules: true));
    }

    [Fact]
    public async Task Path_that_climbs_out_inside_a_name_is_refused()
    {
        var modules = CraftedTree.Blob(_room.Repository, $"[submodule \"x\"]\npath = a/../../outside\nurl = {_library.Url}\n");
        var sha = CraftedTree.Commit(_room.Repository, (Mode.File, ".gitmodules", modules), (Mode.Submodule, "a/../../outside", _library1));

        await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(sha, submodules: true));
    }

    [Fact]
    public async Task Link_and_folder_of_the_same_name_lead_nowhere()
    {
        var modules = CraftedTree.Blob(_room.Repository, $"[submodule \"x\"]\npath = way/inner\nurl = {_library.Url}\n");
        var below = CraftedTree.Write(_room.Repository, (Mode.Submodule, "inner", _library1));
        var sha = CraftedTree.Commit(
            _room.Repository, (Mode.File, ".gitmodules", modules), (Mode.Link, "way", CraftedTree.Blob(_room.Repository, _outside)), (Mode.Folder, "way", below));

        await Record.ExceptionAsync(() => _room.CheckoutAsync(sha, submodules: true));

        Assert.Equal(["precious.txt"], Directory.EnumerateFileSystemEntries(_outside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Submodule_that_lays_a_link_where_another_belongs_leads_nowhere()
    {
        using var layer = new GitFixture("layer");
        File.CreateSymbolicLink(Path.Combine(layer.Folder, "inner"), _outside);
        var link = layer.Commit();
        var modules = CraftedTree.Blob(_room.Repository, $"[submodule \"a\"]\npath = way\nurl = {layer.Url}\n[submodule \"b\"]\npath = way/inner/deep\nurl = {_library.Url}\n");
        var deep = CraftedTree.Write(_room.Repository, (Mode.Submodule, "deep", _library1));
        var below = CraftedTree.Write(_room.Repository, (Mode.Folder, "inner", deep));
        var sha = CraftedTree.Commit(_room.Repository, (Mode.File, ".gitmodules", modules), (Mode.Submodule, "way", link), (Mode.Folder, "way", below));

        await Record.ExceptionAsync(() => _room.CheckoutAsync(sha, submodules: true));

        Assert.Equal(["precious.txt"], Directory.EnumerateFileSystemEntries(_outside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Link_at_the_very_place_is_replaced_and_not_followed()
    {
        var sha = Submodule("library", _library.Url);
        Directory.CreateDirectory(_room.Workspace);
        File.CreateSymbolicLink(Path.Combine(_room.Workspace, "library"), _outside);

        await _room.CheckoutAsync(sha, submodules: true);

        Assert.Null(new DirectoryInfo(Path.Combine(_room.Workspace, "library")).LinkTarget);
        Assert.Equal("lib", _room.Read("library/lib.txt"));
    }

    [Fact]
    public async Task Repository_from_the_network_gets_no_folder_of_this_machine_even_where_folders_are_allowed()
    {
        var limits = new DevOps.Infrastructure.Git.GitOptions();
        using var room = new GitRoom(limits: limits);
        await using var host = await GitHttpsServer.StartAsync(room.Repository.Root);
        limits.CaFile = host.CaFile;
        room.Repository.Git("submodule", "--quiet", "add", _library.Url, "library");
        var sha = room.Repository.Commit();
        var access = new RepositoryAccess { Url = $"https://{host.Address.Authority}/shop/.git", Kind = DevOps.Core.Credentials.CredentialKind.Token, Secret = new(host.Token), Submodules = true };

        var failure = await Assert.ThrowsAsync<StepFailure>(() => room.Source.CheckoutAsync(access, sha, room.Workspace, room.Output, CancellationToken.None));

        Assert.Contains("'library' is not accepted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submodule_of_itself_ends_at_a_depth()
    {
        _room.Repository.Write("a.txt", "a").Commit();
        string sha = _room.Repository.Git("rev-parse", "HEAD");
        for (var i = 0; i < 12; i++)
        {
            _room.Repository.Write(".gitmodules", $"[submodule \"self\"]\npath = self\nurl = {_room.Repository.Url}\n");
            Link("self", sha);
            sha = Commit();
        }

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(sha, submodules: true));

        Assert.Contains("submodules deep", failure.Message, StringComparison.Ordinal);
    }

    private string Submodule(string path, string url)
    {
        _room.Repository.Git("config", "-f", ".gitmodules", "submodule.x.path", path);
        _room.Repository.Git("config", "-f", ".gitmodules", "submodule.x.url", url);
        Link(path);
        return Commit();
    }

    private void Link(string path, string? sha = null) => _room.Repository.Git("update-index", "--add", "--cacheinfo", $"160000,{sha ?? _library1},{path}");

    private string Commit()
    {
        _room.Repository.Git("add", "--force", ".gitmodules");
        _room.Repository.Git("commit", "--quiet", "-m", "Hostile");
        return _room.Repository.Git("rev-parse", "HEAD");
    }

    private static class Mode
    {
        public const string File = "100644";
        public const string Link = "120000";
        public const string Folder = "40000";
        public const string Submodule = "160000";
    }
}
