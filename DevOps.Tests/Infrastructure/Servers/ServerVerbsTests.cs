using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Secrets;
using DevOps.Infrastructure.Servers;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Servers;

public sealed class ServerVerbsTests : IAsyncLifetime
{
    private static readonly ScannedHostKey Old = Rooms.HostKey('A');
    private static readonly ScannedHostKey New = Rooms.HostKey('B');

    private readonly PostgresFixture _database = new();
    private Rooms _rooms = null!;

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _rooms = new Rooms(_database);
    }

    public async Task DisposeAsync()
    {
        await _rooms.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Added_server_has_no_key_until_one_is_confirmed()
    {
        var server = await _rooms.AddServerAsync();
        _rooms.Hosts.Keys["app-1.example"] = [Rooms.HostKey('R', "ssh-rsa"), Old];
        Assert.Null(server.HostKey);

        var scan = await _rooms.Get<ScanHostKey>().RunAsync(Rooms.Admin, "app-1", CancellationToken.None);
        Assert.Equal((Old.Fingerprint, null), (scan.Preferred.Fingerprint, scan.Pinned));
        Assert.Null((await _rooms.Get<ServerQueries>().GetAsync(Rooms.Admin, "app-1", CancellationToken.None)).Server.HostKey);

        var pinned = await _rooms.Get<PinHostKey>().RunAsync(Rooms.Admin, "app-1", Old.Fingerprint, CancellationToken.None);
        Assert.Equal((Old.Key, Old.Fingerprint), (pinned.HostKey, pinned.HostKeyFingerprint));
        Assert.Equal(Old.Fingerprint, (await _rooms.Get<ScanHostKey>().RunAsync(Rooms.Admin, "app-1", CancellationToken.None)).Pinned);
    }

    [Fact]
    public async Task Changed_key_is_pinned_only_when_it_is_really_shown_and_the_audit_log_holds_both()
    {
        await _rooms.AddServerAsync();
        _rooms.Hosts.Keys["app-1.example"] = [Old];
        var pin = _rooms.Get<PinHostKey>();
        await pin.RunAsync(Rooms.Admin, "app-1", Old.Fingerprint, CancellationToken.None);

        Assert.Equal("hostKeyChanged", (await Assert.ThrowsAsync<Conflict>(() => pin.RunAsync(Rooms.Admin, "app-1", New.Fingerprint, CancellationToken.None))).Reason);
        _rooms.Hosts.Keys["app-1.example"] = [New];
        await pin.RunAsync(Rooms.Admin, "app-1", New.Fingerprint, CancellationToken.None);

        Assert.Contains($"admin server.hostKey server/app-1: Pinned {New.Fingerprint} (ssh-ed25519); before: {Old.Fingerprint}.", await _rooms.AuditAsync());
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_a_conflict_that_says_so()
    {
        await _rooms.AddServerAsync();
        Assert.Equal("unreachable", (await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<ScanHostKey>().RunAsync(Rooms.Admin, "app-1", CancellationToken.None))).Reason);
        Assert.Equal("unreachable", (await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<ScanHostKey>().RunAsync(Rooms.Admin, "10.0.0.9", 22, CancellationToken.None))).Reason);
        await Assert.ThrowsAsync<InvalidInput>(() => _rooms.Get<ScanHostKey>().RunAsync(Rooms.Admin, "-x", 22, CancellationToken.None));
    }

    [Fact]
    public async Task Server_behind_another_is_asked_from_there_once_that_one_is_confirmed()
    {
        const string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJSK8+ADL+O9XJgnL4kYt6foAJZRNMtqB1DS6jHf6CJT";
        await _rooms.AddServerAsync("gate");
        await _rooms.AddServerAsync("inner", "gate");
        _rooms.Hosts["gate"].Exit(c => c.Script.StartsWith("ssh-keyscan -T 10 -p 22 -- inner.example", StringComparison.Ordinal), 0, $"# a banner\ninner.example {key}\n");
        var scan = _rooms.Get<ScanHostKey>();

        Assert.Contains("gate", (await Assert.ThrowsAsync<Conflict>(() => scan.RunAsync(Rooms.Admin, "inner", CancellationToken.None))).Message, StringComparison.Ordinal);
        _rooms.Hosts.Keys["gate.example"] = [Old];
        await _rooms.Get<PinHostKey>().RunAsync(Rooms.Admin, "gate", Old.Fingerprint, CancellationToken.None);
        var found = await scan.RunAsync(Rooms.Admin, "inner", CancellationToken.None);

        Assert.Equal(key, (await _rooms.Get<PinHostKey>().RunAsync(Rooms.Admin, "inner", found.Preferred.Fingerprint, CancellationToken.None)).HostKey);
    }

    [Fact]
    public async Task Change_keeps_the_pinned_key_and_forgets_the_last_check()
    {
        await _rooms.AddServerAsync();
        _rooms.Hosts.Keys["app-1.example"] = [Old];
        await _rooms.Get<PinHostKey>().RunAsync(Rooms.Admin, "app-1", Old.Fingerprint, CancellationToken.None);
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            db.Servers.Single().LastCheck = new ServerCheck { Reachable = true };
            await db.SaveChangesAsync();
        }

        await _rooms.Get<ChangeServer>().RunAsync(Rooms.Admin, Rooms.ServerDraft() with { Host = "moved.example", Port = 2222 }, 2, CancellationToken.None);

        var server = (await _rooms.Get<ServerQueries>().GetAsync(Rooms.Admin, "app-1", CancellationToken.None)).Server;
        Assert.Equal(("moved.example", 2222, Old.Fingerprint, null), (server.Host, server.Port, server.HostKeyFingerprint, server.LastCheck));
        await Assert.ThrowsAsync<Stale>(() => _rooms.Get<ChangeServer>().RunAsync(Rooms.Admin, Rooms.ServerDraft(), 2, CancellationToken.None));
    }

    [Fact]
    public async Task Jump_servers_cannot_lead_in_a_circle_or_too_far()
    {
        await _rooms.AddServerAsync("a");
        await _rooms.AddServerAsync("b", "a");
        await _rooms.AddServerAsync("c", "b");
        await _rooms.AddServerAsync("d", "c");

        Assert.Equal(["jumpServer"], (await Assert.ThrowsAsync<InvalidInput>(() => _rooms.AddServerAsync("e", "d"))).Errors.Keys);
        Assert.Equal(["jumpServer"], (await Assert.ThrowsAsync<InvalidInput>(() => _rooms.Get<ChangeServer>().RunAsync(Rooms.Admin, Rooms.ServerDraft("a") with { JumpServer = "c" }, null, CancellationToken.None))).Errors.Keys);
        Assert.Equal(["jumpServer"], (await Assert.ThrowsAsync<InvalidInput>(() => _rooms.AddServerAsync("x", "x"))).Errors.Keys);
        Assert.Equal(["jumpServer"], (await Assert.ThrowsAsync<InvalidInput>(() => _rooms.AddServerAsync("x", "nobody"))).Errors.Keys);
    }

    [Fact]
    public async Task Access_holds_the_opened_credential_and_the_way()
    {
        await _rooms.AddServerAsync("gate");
        var inner = await _rooms.AddServerAsync("inner", "gate");

        var access = await _rooms.Get<ServerAccessReader>().ReadAsync(inner.Id, CancellationToken.None);

        Assert.Equal(("inner", "hunter2-hunter2", CredentialKind.Password, "gate"), (access.Name, access.Secret.Reveal(), access.Kind, access.Jump!.Name));
        await Assert.ThrowsAsync<StepFailure>(() => _rooms.Get<ServerAccessReader>().ReadAsync(999, CancellationToken.None));
    }

    [Fact]
    public async Task Access_refuses_a_circle_that_got_into_the_rows()
    {
        var a = await _rooms.AddServerAsync("a");
        await _rooms.AddServerAsync("b", "a");
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            await db.Database.ExecuteSqlAsync($"UPDATE servers SET jump_server_id = (SELECT id FROM servers WHERE name = 'b') WHERE name = 'a'");
        }

        await Assert.ThrowsAsync<StepFailure>(() => _rooms.Get<ServerAccessReader>().ReadAsync(a.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Access_refuses_a_credential_moved_from_another_row()
    {
        var server = await _rooms.AddServerAsync();
        await _rooms.AddPasswordAsync("other", value: "something-else");
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            await db.Database.ExecuteSqlAsync($"UPDATE credentials SET ciphertext = (SELECT ciphertext FROM credentials WHERE name = 'other') WHERE name = 'root-password'");
        }

        await Assert.ThrowsAsync<SecretUnreadable>(() => _rooms.Get<ServerAccessReader>().ReadAsync(server.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Delete_refuses_what_is_used_and_says_by_what()
    {
        await _rooms.CreateProjectAsync();
        await _rooms.AddServerAsync("gate");
        await _rooms.AddServerAsync("app-1", "gate");
        await _rooms.PutEnvironmentAsync("shop", "production", "app-1");
        var delete = _rooms.Get<DeleteServer>();

        Assert.Contains("shop/production", (await Assert.ThrowsAsync<Conflict>(() => delete.RunAsync(Rooms.Admin, "app-1", null, CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Contains("app-1", (await Assert.ThrowsAsync<Conflict>(() => delete.RunAsync(Rooms.Admin, "gate", null, CancellationToken.None))).Message, StringComparison.Ordinal);
        await _rooms.PutEnvironmentAsync();
        await delete.RunAsync(Rooms.Admin, "app-1", null, CancellationToken.None);
        await delete.RunAsync(Rooms.Admin, "gate", null, CancellationToken.None);
        Assert.Empty(await _rooms.DumpAsync("servers"));
    }

    [Fact]
    public async Task Check_of_a_server_without_a_pinned_key_sends_nothing()
    {
        await _rooms.AddServerAsync();

        var check = await _rooms.Get<CheckServer>().RunAsync(Rooms.Admin, "app-1", CancellationToken.None);

        Assert.False(check.Reachable);
        Assert.Contains("not confirmed", check.Error?.ToString(), StringComparison.Ordinal);
        Assert.Empty(_rooms.Hosts["app-1"].Commands);
    }

    [Fact]
    public async Task Check_looks_where_projects_go_and_keeps_what_it_found()
    {
        await _rooms.CreateProjectAsync();
        await AddPinnedAsync();
        await _rooms.PutEnvironmentAsync("shop", "production", "app-1");
        _rooms.Hosts["app-1"].Exit(c => c.Script.Contains("/srv/shop/production", StringComparison.Ordinal), 0, "system=Debian\nshell=/bin/sh\nwritable=yes\ndisk=1000\n");

        var check = await _rooms.Get<CheckServer>().RunAsync(Rooms.Admin, "app-1", CancellationToken.None);

        Assert.Equal((true, "Debian", true, 1024000L), (check.Reachable, check.System, check.PathWritable, check.DiskFreeBytes));
        var server = (await _rooms.Get<ServerQueries>().GetAsync(Rooms.Admin, "app-1", CancellationToken.None)).Server;
        Assert.Equal("Debian", server.LastCheck!.System);
        Assert.NotNull(server.LastCheckAt);
        Assert.Equal(2, server.Revision);
    }

    [Fact]
    public async Task Check_of_a_server_with_another_key_shows_both_fingerprints()
    {
        await AddPinnedAsync();
        _rooms.Hosts["app-1"].ChangeKey();

        var check = await _rooms.Get<CheckServer>().RunAsync(Rooms.Admin, "app-1", CancellationToken.None);

        Assert.Equal((false, "SHA256:pinned", "SHA256:presented"), (check.Reachable, check.PinnedFingerprint, check.PresentedFingerprint));
    }

    [Fact]
    public async Task Token_does_not_open_a_server()
    {
        await _rooms.AddPasswordAsync("tok", CredentialKind.Token, "abc");
        var refusal = await Assert.ThrowsAsync<InvalidInput>(() => _rooms.Get<AddServer>().RunAsync(Rooms.Admin, Rooms.ServerDraft() with { Credential = "tok" }, CancellationToken.None));
        Assert.Equal(["credential"], refusal.Errors.Keys);
    }

    [Theory]
    [InlineData(Role.None)]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Deployer)]
    public async Task Verbs_refuse_who_may_not_edit(Role role)
    {
        await _rooms.AddServerAsync();
        var actor = Rooms.Platform("lin", role);

        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<AddServer>().RunAsync(actor, Rooms.ServerDraft("x"), CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<ChangeServer>().RunAsync(actor, Rooms.ServerDraft(), null, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<DeleteServer>().RunAsync(actor, "app-1", null, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<ScanHostKey>().RunAsync(actor, "app-1", CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<PinHostKey>().RunAsync(actor, "app-1", Old.Fingerprint, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<CheckServer>().RunAsync(actor, "app-1", CancellationToken.None));
    }

    private async Task AddPinnedAsync()
    {
        await _rooms.AddServerAsync();
        _rooms.Hosts.Keys["app-1.example"] = [Old];
        await _rooms.Get<PinHostKey>().RunAsync(Rooms.Admin, "app-1", Old.Fingerprint, CancellationToken.None);
    }
}
