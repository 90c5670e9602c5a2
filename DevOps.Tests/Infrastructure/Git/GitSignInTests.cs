using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Git;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Git;

public sealed class GitSignInTests : IAsyncLifetime
{
    private GitRoom _room = null!;
    private GitHttpsServer _host = null!;

    public async Task InitializeAsync()
    {
        var limits = new GitOptions();
        _room = new GitRoom(limits: limits);
        _host = await GitHttpsServer.StartAsync(_room.Repository.Root);
        limits.CaFile = _host.CaFile;
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _room.Dispose();
    }

    [Theory]
    [InlineData("", "oauth2", CredentialKind.Token)]
    [InlineData("lin@", "lin", CredentialKind.Password)]
    public async Task Private_repository_opens_with_the_credential(string user, string signedIn, CredentialKind kind)
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();
        var access = Access(user, kind, _host.Token);

        Assert.Equal("main", Assert.Single(await _room.Source.ListBranchesAsync(access, CancellationToken.None)).Name);
        var commit = await _room.Source.ResolveAsync(access, "main", _room.Output, CancellationToken.None);
        await _room.Source.CheckoutAsync(access, sha, _room.Workspace, _room.Output, CancellationToken.None);

        Assert.Equal(sha, commit.Sha);
        Assert.Equal("a", _room.Read("a.txt"));
        Assert.All(_host.SignedIn, s => Assert.Equal(signedIn, s));
        Assert.Empty(_room.LeftBehind);
        Assert.DoesNotContain(Directory.EnumerateFiles(_room.Platform.DataFolder, "*", SearchOption.AllDirectories), f => File.ReadAllText(f).Contains(_host.Token, StringComparison.Ordinal));
        Assert.DoesNotContain(_host.Token, _room.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_repository_without_credential_asks_for_one()
    {
        _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(Access("", null, ""), CancellationToken.None));

        Assert.Contains("asks for a sign-in", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_repository_with_wrong_token_says_so_without_showing_it()
    {
        _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(Access("", CredentialKind.Token, "wrong-token-value"), CancellationToken.None));

        Assert.Contains("does not accept the credential", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-token-value", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_repository_on_the_host_says_so()
    {
        var access = Access("", CredentialKind.Token, _host.Token) with { Url = $"{_host.Address}none.git" };

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(access, CancellationToken.None));

        Assert.Contains("There is no repository", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_with_unknown_certificate_is_refused()
    {
        _room.Limits.CaFile = "";

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(Access("", CredentialKind.Token, _host.Token), CancellationToken.None));

        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_host.SignedIn);
    }

    [Fact]
    public async Task Redirect_to_another_host_gets_no_credential()
    {
        _room.Repository.Commit();
        await using var other = await GitHttpsServer.StartAsync(_room.Repository.Root);
        _room.Limits.CaFile = Path.Combine(_room.Platform.DataFolder, "both.pem");
        await File.WriteAllTextAsync(_room.Limits.CaFile, await File.ReadAllTextAsync(_host.CaFile) + "\n" + await File.ReadAllTextAsync(other.CaFile) + "\n");
        _host.RedirectTo = other.Address.ToString().TrimEnd('/');

        // The token would open the other host: were it sent there, the branches would come.
        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(Access("", CredentialKind.Token, other.Token), CancellationToken.None));

        Assert.DoesNotContain("certificate", failure.Message, StringComparison.Ordinal);
        Assert.Empty(other.SignedIn);
    }

    private RepositoryAccess Access(string user, CredentialKind? kind, string secret) =>
        new() { Url = $"https://{user}{_host.Address.Authority}/shop/.git", Kind = kind, Secret = new Sensitive(secret) };
}
