using DevOps.Core.Pipeline;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Git;

public sealed class GitSubmoduleTests : IDisposable
{
    private readonly GitRoom _room = new();
    private readonly GitFixture _library = new("library");
    private readonly GitFixture _inner = new("inner");

    public void Dispose()
    {
        _room.Dispose();
        _library.Dispose();
        _inner.Dispose();
    }

    [Fact]
    public async Task Checkout_with_submodules_writes_nested_ones_too()
    {
        _inner.Write("inner.txt", "inner").Commit();
        _library.Git("submodule", "--quiet", "add", _inner.Url, "deep/inner");
        _library.Write("lib.txt", "lib").Commit();
        _room.Repository.Git("submodule", "--quiet", "add", _library.Url, "libs/library");
        var sha = _room.Repository.Commit();

        await _room.CheckoutAsync(sha, submodules: true);

        Assert.Equal(["lib", "inner"], new[] { "libs/library/lib.txt", "libs/library/deep/inner/inner.txt" }.Select(_room.Read));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_room.Workspace, ".git", SearchOption.AllDirectories), _ => true);
    }

    [Fact]
    public async Task Checkout_without_submodules_leaves_their_folder_empty()
    {
        _library.Write("lib.txt", "lib").Commit();
        _room.Repository.Git("submodule", "--quiet", "add", _library.Url, "library");
        var sha = _room.Repository.Commit();

        await _room.CheckoutAsync(sha);

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_room.Workspace, "library")));
    }

    [Fact]
    public async Task Checkout_relative_submodule_of_a_commit_that_no_branch_has()
    {
        using var beside = new GitFixture("unused");
        var library = Path.Combine(_room.Repository.Root, "library");
        _room.Repository.Git("init", "--quiet", "--initial-branch=main", library);
        File.WriteAllText(Path.Combine(library, "lib.txt"), "old");
        _room.Repository.Git("-C", library, "add", ".");
        _room.Repository.Git("-C", library, "commit", "--quiet", "-m", "old");
        _room.Repository.Git("submodule", "--quiet", "add", "../library", "library");
        _room.Repository.Git("config", "-f", ".gitmodules", "submodule.library.url", "../library");
        var sha = _room.Repository.Commit();
        File.WriteAllText(Path.Combine(library, "lib.txt"), "new");
        _room.Repository.Git("-C", library, "commit", "--quiet", "--all", "--amend", "-m", "new");

        await _room.CheckoutAsync(sha, submodules: true);

        Assert.Equal("old", _room.Read("library/lib.txt"));
    }

    [Theory]
    [InlineData("ext::sh -c id")]
    [InlineData("-u./payload")]
    [InlineData("../../../../../../../../etc")]
    [InlineData("http://127.0.0.1/x")]
    public async Task Checkout_submodule_with_hostile_address_is_refused_by_name(string url)
    {
        _library.Commit();
        _room.Repository.Git("submodule", "--quiet", "add", _library.Url, "library");
        _room.Repository.Git("config", "-f", ".gitmodules", "submodule.library.url", url);
        var sha = _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(sha, submodules: true));

        Assert.Contains("'library'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkout_submodule_without_address_is_refused_by_name()
    {
        _library.Commit();
        _room.Repository.Git("submodule", "--quiet", "add", _library.Url, "library");
        _room.Repository.Write(".gitmodules", "");
        var sha = _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(sha, submodules: true));

        Assert.Contains("no address in .gitmodules", failure.Message, StringComparison.Ordinal);
    }
}
