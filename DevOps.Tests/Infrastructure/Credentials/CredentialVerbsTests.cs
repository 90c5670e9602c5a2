using System.Diagnostics;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Credentials;
using DevOps.Infrastructure.Secrets;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Credentials;

/// <summary>With the real <c>ssh-keygen</c>.</summary>
public sealed class CredentialVerbsTests : IAsyncLifetime
{
    private readonly PostgresFixture _database = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keys-");
    private Rooms _rooms = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _rooms = new Rooms(_database);
    }

    public async Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        await _rooms.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("ed25519", "OPENSSH")]
    [InlineData("rsa", "PEM")]
    public async Task Pasted_key_is_stored_encrypted_with_its_public_half(string type, string format)
    {
        var (key, publicKey) = await MakeKeyAsync(type, "", format);

        var credential = await AddAsync("pasted", "  " + key.Replace("\n", "\r\n", StringComparison.Ordinal));

        Assert.StartsWith(publicKey.Split(' ')[1], credential.PublicKey!.Split(' ')[1], StringComparison.Ordinal);
        Assert.Equal(key.Trim(), _rooms.Get<SecretVault>().Open("credential/pasted", credential.Ciphertext).Reveal().Trim());
        Assert.DoesNotContain("PRIVATE KEY", await _rooms.DumpAsync("credentials") + await _rooms.DumpAsync("audit_entries"), StringComparison.Ordinal);
        Assert.Contains("admin credential.create credential/pasted: Stored credential pasted (sshKey).", await _rooms.AuditAsync());
    }

    [Fact]
    public async Task Key_with_a_passphrase_is_refused_without_asking()
    {
        var (key, _) = await MakeKeyAsync("ed25519", "secret phrase", "OPENSSH");
        var refusal = await Assert.ThrowsAsync<InvalidInput>(() => AddAsync("locked", key));
        Assert.Contains("passphrase", Assert.Single(refusal.Errors["value"]), StringComparison.Ordinal);
        Assert.Empty(await _rooms.DumpAsync("credentials"));
    }

    [Fact]
    public async Task Public_key_and_broken_key_are_refused()
    {
        var (key, publicKey) = await MakeKeyAsync("ed25519", "", "OPENSSH");
        await Assert.ThrowsAsync<InvalidInput>(() => AddAsync("pub", publicKey));
        await Assert.ThrowsAsync<InvalidInput>(() => AddAsync("cut", key[..(key.Length / 2)] + "\n-----END OPENSSH PRIVATE KEY-----\n"));
    }

    [Fact]
    public async Task Generated_key_opens_and_leaves_no_file()
    {
        var credential = await _rooms.Get<AddCredential>().RunAsync(
            Rooms.Admin, new CredentialDraft { Name = "made", Kind = CredentialKind.SshKey, Generate = true }, CancellationToken.None);

        var key = _rooms.Get<SecretVault>().Open("credential/made", credential.Ciphertext).Reveal();
        Assert.StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----", key, StringComparison.Ordinal);
        Assert.Equal(credential.PublicKey, (await AddAsync("again", key)).PublicKey);
        Assert.Empty(Directory.GetFileSystemEntries(_rooms.Get<PlatformOptions>().Folder("run")));
    }

    [Fact]
    public async Task Delete_refuses_one_that_a_server_uses()
    {
        await _rooms.AddServerAsync();
        var refusal = await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<DeleteCredential>().RunAsync(Rooms.Admin, "root-password", CancellationToken.None));
        Assert.Contains("server/app-1", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotFound>(() => _rooms.Get<DeleteCredential>().RunAsync(Rooms.Admin, "nobody", CancellationToken.None));
    }

    [Theory]
    [InlineData(Role.None)]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Deployer)]
    public async Task Verbs_and_queries_refuse_who_may_not(Role role)
    {
        await _rooms.AddPasswordAsync();
        var actor = Rooms.Platform("lin", role);
        var draft = new CredentialDraft { Name = "x", Kind = CredentialKind.Password, Value = new Sensitive("y") };

        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<AddCredential>().RunAsync(actor, draft, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<DeleteCredential>().RunAsync(actor, "root-password", CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<CredentialQueries>().GetAsync(actor, "root-password", CancellationToken.None));
    }

    private Task<Credential> AddAsync(string name, string key) => _rooms.Get<AddCredential>().RunAsync(
        Rooms.Admin, new CredentialDraft { Name = name, Kind = CredentialKind.SshKey, Value = new Sensitive(key) }, CancellationToken.None);

    private async Task<(string Key, string PublicKey)> MakeKeyAsync(string type, string passphrase, string format)
    {
        var file = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N"));
        string[] form = format is "PEM" ? ["-m", "PEM", "-b", "2048"] : [];
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-t", type, .. form, "-N", passphrase, "-f", file]))!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return (await File.ReadAllTextAsync(file), await File.ReadAllTextAsync($"{file}.pub"));
    }
}
