using System.Collections.Concurrent;
using System.Diagnostics;

namespace DevOps.Tests.Fixtures;

/// <summary>Real sshd processes on loopback, as whoever runs the tests: own configuration, keys and free ports. Ends with all of them stopped and removed.</summary>
public sealed class SshServerFixture : IAsyncLifetime
{
    private readonly ConcurrentBag<TestSshServer> _servers = [];

    /// <summary>Folder for everything of these tests.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("sshd-").FullName;

    /// <summary>The private key that opens every server of this fixture.</summary>
    public string UserKey => File.ReadAllText(Path.Combine(Root, "user"));

    /// <summary>A private key that opens none.</summary>
    public string StrangerKey => File.ReadAllText(Path.Combine(Root, "stranger"));

    /// <summary>A server that all tests of a class may use and none may stop.</summary>
    public TestSshServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await MakeKeyAsync(Path.Combine(Root, "user"));
        await MakeKeyAsync(Path.Combine(Root, "stranger"));
        Server = await StartServerAsync("shared");
    }

    /// <summary>Starts another server.</summary>
    public async Task<TestSshServer> StartServerAsync(string name, params string[] settings)
    {
        var server = new TestSshServer(this, name, settings);
        _servers.Add(server);
        await server.StartAsync();
        return server;
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.StopAsync();
        }

        Directory.Delete(Root, recursive: true);
    }

    internal static async Task MakeKeyAsync(string path)
    {
        var start = new ProcessStartInfo("ssh-keygen")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            ArgumentList = { "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path },
        };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
