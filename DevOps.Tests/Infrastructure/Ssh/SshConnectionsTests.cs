using System.Diagnostics;
using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

public sealed class SshConnectionsTests(SshServerFixture fixture) : SshRoom(fixture), IClassFixture<SshServerFixture>
{
    [Fact]
    public async Task Commands_share_one_connection()
    {
        await Host.RunAsync(Command(":"), null, default);
        var first = MasterPid();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Connections.Get(Fixture.Server.Access).RunAsync(Command(":"), null, default)));

        Assert.Equal(first, MasterPid());
    }

    [Fact]
    public async Task Simultaneous_first_commands_open_one_connection()
    {
        var exits = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Host.RunAsync(Command($"echo {i}"), null, default)));

        Assert.Equal(["0\n", "1\n", "2\n", "3\n", "4\n", "5\n"], exits.Select(e => e.Output));
        MasterPid();
    }

    [Fact]
    public async Task Broken_connection_is_opened_again()
    {
        await Host.RunAsync(Command(":"), null, default);
        var first = MasterPid();
        Process.GetProcessById(first).Kill();
        await GoneAsync(first);

        Assert.Equal("well\n", (await Host.RunAsync(Command("echo well"), null, default)).Output);

        Assert.NotEqual(first, MasterPid());
    }

    [Fact]
    public async Task Cut_connection_ends_the_remote_command_and_is_said()
    {
        var run = Host.RunAsync(Command("sleep 979 & sleep 978"), null, default);
        var sleeps = await AppearAsync("sleep 979", "sleep 978");

        Process.GetProcessById(MasterPid()).Kill();

        var lost = await Assert.ThrowsAsync<HostUnreachable>(() => run);
        Assert.Contains("broke", lost.Message, StringComparison.Ordinal);
        await Task.WhenAll(sleeps.Select(GoneAsync));
    }

    [Fact]
    public async Task Idle_connection_is_closed_and_opened_when_needed()
    {
        var time = new ManualTime();
        await using var connections = Connect(time: time);
        await connections.Get(Fixture.Server.Access).RunAsync(Command(":"), null, default);
        var first = MasterPid();

        time.Advance(TimeSpan.FromMinutes(6));
        await GoneAsync(first);

        Assert.Equal(0, (await connections.Get(Fixture.Server.Access).RunAsync(Command(":"), null, default)).ExitCode);
        Assert.NotEqual(first, MasterPid());
    }

    [Fact]
    public async Task Changed_host_key_refuses_with_both_fingerprints_and_nothing_is_sent()
    {
        var server = await Fixture.StartServerAsync("rebuilt");
        var access = server.Access;
        await server.RebuildAsync();
        var file = Path.Combine(Fixture.Root, "was-sent");

        var changed = await Assert.ThrowsAsync<HostKeyChanged>(() => Connections.Get(access).RunAsync(Command($"touch {file}"), null, default));

        Assert.Equal(HostKey.Parse(access.HostKey)!.Fingerprint, changed.Pinned);
        Assert.Equal(HostKey.Parse(server.HostKey)!.Fingerprint, changed.Presented);
        Assert.False(File.Exists(file));
        Assert.Equal(0, (await Connections.Get(server.Access).RunAsync(Command(":"), null, default)).ExitCode);
    }

    [Fact]
    public async Task Key_of_another_kind_than_the_pinned_one_refuses_too()
    {
        const string Pinned = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIZ2";

        var changed = await Assert.ThrowsAsync<HostKeyChanged>(() => Connections.Get(Fixture.Server.Access with { HostKey = Pinned }).RunAsync(Command(":"), null, default));

        Assert.Equal(HostKey.Parse(Fixture.Server.HostKey)!.Fingerprint, changed.Presented);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 ***")]
    [InlineData("ssh-ed25519\nProxyCommand=x AAAA")]
    public async Task Server_without_a_confirmed_key_is_refused(string? key)
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => Connections.Get(Fixture.Server.Access with { HostKey = key }).RunAsync(Command(":"), null, default));

        Assert.Contains("Confirm its host key first", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-oProxyCommand=touch x", "root")]
    [InlineData("host name", "root")]
    [InlineData("host\nProxyCommand touch x", "root")]
    [InlineData("%h", "root")]
    [InlineData("", "root")]
    [InlineData("localhost", "-oProxyCommand=x")]
    [InlineData("localhost", "a b")]
    [InlineData("localhost", "a\nb")]
    public async Task Address_that_ssh_could_misread_is_refused(string host, string user)
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => Connections.Get(Fixture.Server.Access with { Host = host, User = user }).RunAsync(Command(":"), null, default));

        Assert.Contains("Correct it", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Processes($"-F {Folder}"));
    }

    [Fact]
    public async Task Key_that_does_not_open_is_said_with_the_way_out()
    {
        var lost = await Assert.ThrowsAsync<HostUnreachable>(() => Connections.Get(Fixture.Server.Access with { Secret = new Sensitive(Fixture.StrangerKey) }).RunAsync(Command(":"), null, default));

        Assert.Contains("may not sign in with this key", lost.Message, StringComparison.Ordinal);
        Assert.Empty(Secrets());
    }

    [Fact]
    public async Task Wrong_password_is_said_and_leaves_no_trace()
    {
        var access = Fixture.Server.Access with { Kind = CredentialKind.Password, Secret = new Sensitive("w0rd-nobody-has") };

        var lost = await Assert.ThrowsAsync<HostUnreachable>(() => Connections.Get(access).RunAsync(Command(":"), null, default));

        Assert.Contains("may not sign in with this password", lost.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("w0rd", lost.ToString(), StringComparison.Ordinal);
        Assert.Empty(Secrets());
    }

    [Fact]
    public async Task Key_that_is_none_is_said()
    {
        var lost = await Assert.ThrowsAsync<HostUnreachable>(() => Connections.Get(Fixture.Server.Access with { Secret = new Sensitive("not a key") }).RunAsync(Command(":"), null, default));

        Assert.Contains("private key cannot be read", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_is_off_is_said()
    {
        var server = await Fixture.StartServerAsync("off");
        await server.StopAsync();

        var lost = await Assert.ThrowsAsync<HostUnreachable>(() => Connections.Get(server.Access).RunAsync(Command(":"), null, default));

        Assert.Contains("refused", lost.Message, StringComparison.Ordinal);
        await server.StartAsync();
        Assert.Equal(0, (await Connections.Get(server.Access).RunAsync(Command(":"), null, default)).ExitCode);
    }

    [Fact]
    public async Task Server_behind_another_is_reached_through_its_kept_connection()
    {
        var inner = await Fixture.StartServerAsync("inner");
        var access = inner.Access with { Jump = Fixture.Server.Access };

        Assert.Equal("inside\n", (await Connections.Get(access).RunAsync(Command("echo inside"), null, default)).Output);

        await Assert.ThrowsAsync<HostKeyChanged>(() => Connections.Get(access with { Jump = access.Jump! with { HostKey = inner.HostKey } }).RunAsync(Command(":"), null, default));
    }

    [Fact]
    public async Task Server_that_allows_few_sessions_is_said()
    {
        var server = await Fixture.StartServerAsync("narrow", "MaxSessions 1");
        using var stop = new CancellationTokenSource();
        var held = Connections.Get(server.Access).RunAsync(Command("sleep 977"), null, stop.Token);
        await AppearAsync("sleep 977");

        var lost = await Assert.ThrowsAsync<HostUnreachable>(() => Connections.Get(server.Access).RunAsync(Command(":"), null, default));

        Assert.Contains("MaxSessions", lost.Message, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task User_without_a_shell_is_said()
    {
        var server = await Fixture.StartServerAsync("forced", "ForceCommand echo go away; exit 1");

        var failure = await Assert.ThrowsAsync<StepFailure>(() => Connections.Get(server.Access).RunAsync(Command(":"), null, default));

        Assert.Contains("cannot run commands there", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_leaves_no_process_socket_or_key()
    {
        var connections = Connect();
        await connections.Get(Fixture.Server.Access).RunAsync(Command(":"), null, default);
        Assert.Empty(Secrets());
        var master = MasterPid();

        await connections.DisposeAsync();

        await GoneAsync(master);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connections.Get(Fixture.Server.Access).RunAsync(Command(":"), null, default));
    }

    [Fact]
    public async Task Folder_of_a_process_that_died_is_swept_and_one_that_lives_stays()
    {
        var dead = Directory.CreateDirectory(Path.Combine(Folder, "devops-ssh-dead")).FullName;
        File.WriteAllText(dead + ".lock", "");
        File.WriteAllText(Path.Combine(dead, "key"), "left");
        await Host.RunAsync(Command(":"), null, default);
        await using var second = Connect();

        await second.Get(Fixture.Server.Access).RunAsync(Command(":"), null, default);

        Assert.False(Directory.Exists(dead));
        Assert.Equal(2, Directory.GetDirectories(Folder).Length);
    }

    [Fact]
    public async Task Scan_shows_the_keys_with_their_fingerprints()
    {
        var keys = await Connections.ScanHostKeysAsync("127.0.0.1", Fixture.Server.Port, default);

        var key = Assert.Single(keys);
        Assert.Equal(new ScannedHostKey("ssh-ed25519", Fixture.Server.HostKey, HostKey.Parse(Fixture.Server.HostKey)!.Fingerprint), key);
        Assert.StartsWith("SHA256:", key.Fingerprint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_of_a_port_without_a_server_is_said()
    {
        var server = await Fixture.StartServerAsync("unscanned");
        await server.StopAsync();

        await Assert.ThrowsAsync<HostUnreachable>(() => Connections.ScanHostKeysAsync("127.0.0.1", server.Port, default));
        await Assert.ThrowsAsync<StepFailure>(() => Connections.ScanHostKeysAsync("-oX", 22, default));
    }

    private string[] Secrets() => [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is "key" or "password" or "askpass")];

    // Processes of the server have no signal for us.
    private static async Task<List<int>> AppearAsync(params string[] commands)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!commands.All(c => Processes(c).Exists(p => CommandLine($"{p}").StartsWith(c, StringComparison.Ordinal))))
        {
            await Task.Delay(20, limit.Token);
        }

        return [.. commands.SelectMany(Processes).Distinct()];
    }
}
