using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Secrets;

namespace DevOps.Tests.Infrastructure.Git;

public sealed class GitSourceRepositoryTests : IDisposable
{
    private readonly GitRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Resolve_branch_tag_and_hashes()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit("First: “你好”");
        _room.Repository.Git("tag", "v1");
        _room.Repository.Git("tag", "-m", "annotated", "v1-annotated");
        _room.Repository.Git("checkout", "--quiet", "-b", "release/1.0");

        foreach (var reference in new[] { "main", "release/1.0", "v1", "v1-annotated", "refs/heads/main", "refs/tags/v1", sha, sha[..7], sha[..12].ToUpperInvariant() })
        {
            var commit = await _room.ResolveAsync(reference);

            Assert.Equal((sha, "First: “你好”", "Lin", reference), (commit.Sha, commit.Message, commit.Author, commit.Ref));
        }
    }

    [Fact]
    public async Task Resolve_again_fetches_only_what_is_new()
    {
        for (var i = 0; i < 30; i++)
        {
            _room.Repository.Write($"{i}.txt", $"{i}");
        }

        _room.Repository.Commit();
        await _room.ResolveAsync("main");
        Assert.Contains("Total 32 ", _room.Output.Text, StringComparison.Ordinal);
        var second = _room.Repository.Write("1.txt", "changed").Commit();

        Assert.Equal(second, (await _room.ResolveAsync("main")).Sha);
        Assert.Contains("Total 3 ", _room.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_after_forced_push_gives_the_new_commit_and_refuses_the_old_one()
    {
        _room.Repository.Commit("root");
        var old = _room.Repository.Write("a.txt", "old").Commit();
        await _room.ResolveAsync("main");
        _room.Repository.Git("reset", "--quiet", "--hard", "HEAD~1");
        var @new = _room.Repository.Write("a.txt", "new").Commit();

        Assert.Equal(@new, (await _room.ResolveAsync("main")).Sha);
        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.ResolveAsync(old));
        Assert.Contains("No branch or tag", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_deleted_branch_and_moved_tag()
    {
        _room.Repository.Commit("first");
        _room.Repository.Git("branch", "gone");
        _room.Repository.Git("branch", "folder");
        _room.Repository.Git("tag", "moving");
        await _room.ResolveAsync("gone");
        _room.Repository.Git("branch", "-D", "gone");
        _room.Repository.Git("branch", "-D", "folder");
        _room.Repository.Git("branch", "folder/inner");
        var second = _room.Repository.Commit("second");
        _room.Repository.Git("tag", "--force", "moving");

        Assert.Equal(second, (await _room.ResolveAsync("moving")).Sha);
        await _room.ResolveAsync("folder/inner");
        await Assert.ThrowsAsync<StepFailure>(() => _room.ResolveAsync("gone"));
    }

    [Fact]
    public async Task Resolve_unknown_name_lists_near_ones()
    {
        _room.Repository.Commit();
        for (var i = 0; i < 15; i++)
        {
            _room.Repository.Git("branch", $"feature-{i}");
        }

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.ResolveAsync("mian"));

        Assert.Contains("'mian'. There is: main, feature-", failure.Message, StringComparison.Ordinal);
        Assert.Equal(9, failure.Message.Split("feature-").Length - 1);
    }

    [Fact]
    public async Task Resolve_in_empty_repository_says_so()
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.ResolveAsync("main"));

        Assert.Contains("empty", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--upload-pack=touch owned")]
    [InlineData("-b")]
    [InlineData("main:refs/heads/x")]
    [InlineData("main^{tree}")]
    [InlineData("main..other")]
    [InlineData("HEAD@{1}")]
    [InlineData("a b")]
    [InlineData("main\n--exec=id")]
    [InlineData("")]
    public async Task Resolve_hostile_name_is_refused(string reference)
    {
        _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.ResolveAsync(reference));

        Assert.Contains("cannot be the name", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_repository_with_option_like_branch_works()
    {
        var sha = _room.Repository.Commit();
        _room.Repository.Git("update-ref", "refs/heads/--upload-pack=id", sha);

        Assert.Equal(sha, (await _room.ResolveAsync("main")).Sha);
        Assert.Contains(new SourceBranch("--upload-pack=id", sha), await _room.Source.ListBranchesAsync(_room.Access, CancellationToken.None));
    }

    [Fact]
    public async Task Checkout_writes_files_links_and_modes_without_git_folder()
    {
        _room.Repository.Write("run.sh", "#!/bin/sh\n").Write("页面/首页.html", "<p>").Write("-rf", "dash").Write("new\nline", "line").Write("deep/a b/c", "c");
        File.SetUnixFileMode(Path.Combine(_room.Repository.Folder, "run.sh"), (UnixFileMode)Convert.ToInt32("755", 8));
        File.CreateSymbolicLink(Path.Combine(_room.Repository.Folder, "outside"), "../../../etc/passwd");
        var sha = _room.Repository.Write(".gitattributes", "deep export-ignore\n*.txt export-subst\n").Write("a.txt", "$Format:%H$").Commit();
        await _room.ResolveAsync("main");
        Directory.CreateDirectory(_room.Workspace);
        await File.WriteAllTextAsync(Path.Combine(_room.Workspace, "stale"), "stale");

        await _room.CheckoutAsync(sha);

        Assert.Equal(["<p>", "dash", "line", "c", "$Format:%H$"], new[] { "页面/首页.html", "-rf", "new\nline", "deep/a b/c", "a.txt" }.Select(_room.Read));
        Assert.True(File.GetUnixFileMode(Path.Combine(_room.Workspace, "run.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("../../../etc/passwd", new FileInfo(Path.Combine(_room.Workspace, "outside")).LinkTarget);
        Assert.False(Path.Exists(Path.Combine(_room.Workspace, ".git")) || Path.Exists(Path.Combine(_room.Workspace, "stale")));
        Assert.Empty(_room.LeftBehind);
    }

    [Fact]
    public async Task Checkout_into_a_link_replaces_the_link_and_not_what_it_points_to()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();
        var victim = Directory.CreateDirectory(Path.Combine(_room.Platform.DataFolder, "victim")).FullName;
        await File.WriteAllTextAsync(Path.Combine(victim, "keep"), "keep");
        Directory.CreateSymbolicLink(_room.Workspace, victim);
        await _room.ResolveAsync("main");

        await _room.CheckoutAsync(sha);

        Assert.True(File.Exists(Path.Combine(victim, "keep")) && !File.Exists(Path.Combine(victim, "a.txt")));
        Assert.Equal("a", _room.Read("a.txt"));
    }

    [Fact]
    public async Task Checkout_ignores_hooks_and_filters_of_the_repository()
    {
        var mark = Path.Combine(_room.Platform.DataFolder, "owned");
        _room.Repository.Write(".gitattributes", "* filter=evil\n").Write("a.txt", "a");
        _room.Repository.Git("config", "filter.evil.smudge", $"touch {mark}");
        _room.Repository.Git("config", "uploadpack.packObjectsHook", $"touch {mark}");
        var sha = _room.Repository.Commit();
        File.WriteAllText(Path.Combine(_room.Repository.Folder, ".git/hooks/post-checkout"), $"#!/bin/sh\ntouch {mark}\n");
        await _room.ResolveAsync("main");

        await _room.CheckoutAsync(sha);

        Assert.Equal("a", _room.Read("a.txt"));
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task Checkout_without_fetch_before_brings_the_commit_in()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();

        await _room.CheckoutAsync(sha);

        Assert.Equal("a", _room.Read("a.txt"));
    }

    [Fact]
    public async Task Checkout_commit_that_is_not_there_says_so()
    {
        _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.CheckoutAsync(new string('a', 40)));

        Assert.Contains("no longer in", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkout_of_large_file_pointers_says_so()
    {
        var sha = _room.Repository.Write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n").Commit();

        await _room.CheckoutAsync(sha);

        Assert.Contains("Git LFS", _room.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListBranches_gives_names_and_commits()
    {
        var sha = _room.Repository.Commit();
        _room.Repository.Git("branch", "功能/a");

        var branches = await _room.Source.ListBranchesAsync(_room.Access, CancellationToken.None);

        Assert.Equal([new SourceBranch("main", sha), new SourceBranch("功能/a", sha)], branches);
        Assert.False(Directory.Exists(Path.Combine(_room.Platform.DataFolder, "mirrors")) && Directory.EnumerateDirectories(Path.Combine(_room.Platform.DataFolder, "mirrors")).Any());
    }

    [Fact]
    public async Task ListBranches_of_missing_repository_says_what_to_check()
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(new RepositoryAccess { Url = "file:///does/not/exist" }, CancellationToken.None));

        Assert.Contains("no repository at file:///does/not/exist", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://no-such-host.invalid/shop.git", "is not known")]
    [InlineData("https://127.0.0.1:1/shop.git", "refused the connection")]
    [InlineData("ssh://git@127.0.0.1:1/shop.git", "refused the connection")]
    [InlineData("ext::sh -c id", "not accepted|blank")]
    public async Task ListBranches_failure_of_the_host_is_in_plain_words(string url, string words)
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(new RepositoryAccess { Url = url }, CancellationToken.None));

        Assert.Contains(words.Split('|'), w => failure.Message.Contains(w, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://127.0.0.1:1/shop.git", CredentialKind.SshKey)]
    [InlineData("git@127.0.0.1:shop.git", CredentialKind.Token)]
    public async Task ListBranches_credential_that_does_not_fit_is_refused_without_contact(string url, CredentialKind kind)
    {
        var access = new RepositoryAccess { Url = url, Kind = kind, Secret = new Sensitive("value-of-secret") };

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(access, CancellationToken.None));

        Assert.Contains("The credential of this repository", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_room.LeftBehind);
    }

    [Fact]
    public async Task ListBranches_file_where_not_allowed_is_refused()
    {
        using var room = new GitRoom(allowFiles: false);

        await Assert.ThrowsAsync<StepFailure>(() => room.Source.ListBranchesAsync(room.Access, CancellationToken.None));
    }
}
