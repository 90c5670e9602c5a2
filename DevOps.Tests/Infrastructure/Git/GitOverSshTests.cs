using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Secrets;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Git;

public sealed class GitOverSshTests(SshServerFixture ssh) : IClassFixture<SshServerFixture>, IDisposable
{
    private readonly GitRoom _room = new(allowFiles: false);

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Private_repository_opens_with_the_key_and_the_first_contact_is_noted()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();
        var access = Access(ssh.Server, ssh.UserKey);

        var commit = await _room.Source.ResolveAsync(access, "main", _room.Output, CancellationToken.None);
        await _room.Source.CheckoutAsync(access, sha, _room.Workspace, _room.Output, CancellationToken.None);

        Assert.Equal(sha, commit.Sha);
        Assert.Equal("a", _room.Read("a.txt"));
        Assert.Equal(1, _room.Output.Said.Count(s => s.StartsWith("First contact with [127.0.0.1]:", StringComparison.Ordinal) && s.Contains("SHA256:", StringComparison.Ordinal)));
        Assert.Empty(_room.LeftBehind);
        var keyLine = ssh.UserKey.Split('\n')[1];
        Assert.DoesNotContain(Directory.EnumerateFiles(_room.Platform.DataFolder, "*", SearchOption.AllDirectories), f => File.ReadAllText(f).Contains(keyLine, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Key_with_windows_line_ends_and_no_last_one_opens_too()
    {
        _room.Repository.Commit();
        var access = Access(ssh.Server, ssh.UserKey.Trim().ReplaceLineEndings("\r\n"));

        Assert.Single(await _room.Source.ListBranchesAsync(access, CancellationToken.None));
    }

    [Fact]
    public async Task Stranger_is_turned_away_in_plain_words()
    {
        _room.Repository.Commit();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(Access(ssh.Server, ssh.StrangerKey), CancellationToken.None));

        Assert.Contains("does not accept the credential", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_credential_it_asks_for_one()
    {
        _room.Repository.Commit();

        var access = Access(ssh.Server, "") with { Kind = null };
        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(access, CancellationToken.None));

        Assert.Contains("asks for a sign-in", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_host_key_is_refused()
    {
        _room.Repository.Commit();
        var server = await ssh.StartServerAsync("changes-key");
        await _room.Source.ListBranchesAsync(Access(server, ssh.UserKey), CancellationToken.None);
        await server.RebuildAsync();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(Access(server, ssh.UserKey), CancellationToken.None));

        Assert.Contains("another host key than at first contact", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_repository_says_so()
    {
        var access = Access(ssh.Server, ssh.UserKey);

        var failure = await Assert.ThrowsAsync<StepFailure>(() => _room.Source.ListBranchesAsync(access with { Url = access.Url + "-none" }, CancellationToken.None));

        Assert.Contains("There is no repository", failure.Message, StringComparison.Ordinal);
    }

    private RepositoryAccess Access(TestSshServer server, string key) => new()
    {
        Url = $"ssh://{server.Access.User}@127.0.0.1:{server.Port}{_room.Repository.Folder}",
        Kind = CredentialKind.SshKey,
        Secret = new Sensitive(key),
    };
}
