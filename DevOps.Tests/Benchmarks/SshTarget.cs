using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Benchmarks;

/// <summary>A real sshd, a configuration for the plain ssh of the baselines, and the product's connections to the same server. In memory where there is a disk in memory: what is compared are the tools.</summary>
internal sealed class SshTarget : IAsyncDisposable
{
    private readonly SshServerFixture _fixture = new();

    private SshTarget()
    {
    }

    /// <summary>Folder for everything.</summary>
    public string Folder { get; } = Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/bench-{Environment.ProcessId}").FullName : Directory.CreateTempSubdirectory("bench-").FullName;

    /// <summary>The plain ssh: <c>ssh -F config target</c>, without and with a kept connection (<c>kept</c>).</summary>
    public string Ssh => $"ssh -F {Folder}/config";

    public static async Task<SshTarget> StartAsync()
    {
        var target = new SshTarget();
        await target._fixture.InitializeAsync();
        var common = $"""
              HostName 127.0.0.1
              Port {target._fixture.Server.Port}
              User {Environment.UserName}
              IdentityFile {target._fixture.Root}/user
              IdentitiesOnly yes
              StrictHostKeyChecking no
              UserKnownHostsFile /dev/null
              LogLevel ERROR

            """;
        await File.WriteAllTextAsync($"{target.Folder}/config", $"Host target\n{common}\nHost kept\n{common}  ControlMaster auto\n  ControlPath {target.Folder}/c\n  ControlPersist 300\n");
        return target;
    }

    /// <summary>The product's connections.</summary>
    public SshConnections Connect(IArtifactStore artifacts) => new(artifacts, new SshOptions { Folder = Folder, ConnectTimeout = TimeSpan.FromSeconds(20) }, TimeProvider.System);

    /// <summary>The server under as many names as wanted: each has a connection of its own.</summary>
    public IReadOnlyList<ServerAccess> Servers(int count) => [.. Enumerable.Range(1, count).Select(n => _fixture.Server.Access with { Id = n, Name = $"server-{n}" })];

    public async ValueTask DisposeAsync()
    {
        if (File.Exists($"{Folder}/c"))
        {
            await Shell.RunAsync($"{Ssh} -O exit kept 2>/dev/null || true");
        }

        await _fixture.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
