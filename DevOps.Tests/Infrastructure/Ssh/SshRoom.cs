using System.Globalization;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

/// <summary>What the tests of this room share: connections of their own in a folder of their own.</summary>
public abstract class SshRoom : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected SshRoom(SshServerFixture fixture)
    {
        Fixture = fixture;
        Folder = Directory.CreateTempSubdirectory("ssh-").FullName;
        Connections = Connect();
    }

    protected SshServerFixture Fixture { get; }

    /// <summary>Where the private folder of the connections lies.</summary>
    protected string Folder { get; }

    protected FakeArtifactStore Artifacts { get; } = new();

    protected SshConnections Connections { get; }

    protected IRemoteHost Host => Connections.Get(Fixture.Server.Access);

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        await Connections.DisposeAsync();
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        Directory.Delete(Folder);
    }

    protected SshConnections Connect(Func<SshOptions, SshOptions>? change = null, TimeProvider? time = null, IArtifactStore? artifacts = null)
    {
        var options = new SshOptions { Folder = Folder, ConnectTimeout = TimeSpan.FromSeconds(20) };
        return new SshConnections(artifacts ?? Artifacts, change?.Invoke(options) ?? options, time ?? TimeProvider.System);
    }

    protected static RemoteCommand Command(string script, params (string Name, string Value)[] variables) => new()
    {
        Script = script,
        Variables = variables.ToDictionary(v => v.Name, v => new Sensitive(v.Value), StringComparer.Ordinal),
        Timeout = Patience,
    };

    /// <summary>Process ids whose command line holds a text.</summary>
    protected static List<int> Processes(string text) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => n!.All(char.IsAsciiDigit)).Where(n => CommandLine(n!).Contains(text, StringComparison.Ordinal)).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))];

    /// <summary>Argument list or environment of a process; empty when it is gone.</summary>
    protected static string CommandLine(string pid, string file = "cmdline")
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}").Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The ssh process that keeps the connections of this test open.</summary>
    protected int MasterPid() => Assert.Single(Processes($"-F {Folder}"), p => CommandLine($"{p}").StartsWith("ssh", StringComparison.Ordinal) && CommandLine($"{p}").Contains(" -N ", StringComparison.Ordinal));

    /// <summary>Waits for the end of a process that is not ours.</summary>
    protected static async Task GoneAsync(int pid)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (File.Exists($"/proc/{pid}/stat") && !CommandLine($"{pid}", "stat").Contains(") Z ", StringComparison.Ordinal))
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
