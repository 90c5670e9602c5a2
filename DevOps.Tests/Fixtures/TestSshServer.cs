using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DevOps.Core.Credentials;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;

namespace DevOps.Tests.Fixtures;

/// <summary>One sshd on a port of its own. It can be stopped, and come back with another host key.</summary>
public sealed class TestSshServer(SshServerFixture fixture, string name, IReadOnlyList<string> settings)
{
    private const string EnvironmentWord = "SetEnv ";

    private readonly string _folder = Path.Combine(fixture.Root, name);
    private Process? _process;

    public int Port { get; } = FreePort();

    /// <summary>Process id of the listening sshd.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The host key, as in a known_hosts file.</summary>
    public string HostKey => string.Join(' ', File.ReadAllText(Path.Combine(_folder, "host.pub")).Split(' ').Take(2));

    private string Home => Path.Combine(_folder, "home");

    /// <summary>How to reach it, with the right key pinned.</summary>
    public ServerAccess Access => new()
    {
        Id = Port,
        Name = name,
        Host = "127.0.0.1",
        Port = Port,
        User = Environment.UserName,
        Kind = CredentialKind.SshKey,
        Secret = new Sensitive(fixture.UserKey),
        HostKey = HostKey,
    };

    public async Task StartAsync()
    {
        Directory.CreateDirectory(Home);
        if (!File.Exists(Path.Combine(_folder, "host")))
        {
            await SshServerFixture.MakeKeyAsync(Path.Combine(_folder, "host"));
        }

        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sshd");
        }

        await File.WriteAllLinesAsync(Path.Combine(_folder, "config"), Settings());
        var start = new ProcessStartInfo("/usr/sbin/sshd")
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            ArgumentList = { "-D", "-e", "-f", Path.Combine(_folder, "config") },
        };
        _process = Process.Start(start)!;
        await ListeningAsync(_process);
    }

    /// <summary>Ends it with all its sessions, as a machine that is switched off.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Comes back as another machine would: at the same address, with another key.</summary>
    public async Task RebuildAsync()
    {
        await StopAsync();
        File.Delete(Path.Combine(_folder, "host"));
        File.Delete(Path.Combine(_folder, "host.pub"));
        await StartAsync();
    }

    private static bool IsEnvironment(string setting) => setting.StartsWith(EnvironmentWord, StringComparison.Ordinal);

    private IEnumerable<string> Settings() =>
    [
        .. settings.Where(s => !IsEnvironment(s)),
        "ListenAddress 127.0.0.1",
        $"Port {Port}",
        $"HostKey {_folder}/host",
        $"AuthorizedKeysFile {fixture.Root}/user.pub",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication yes",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin yes",
        "MaxStartups 100",
        // Whoever runs the tests may have a shell that does much when it starts; that says nothing about us. sshd listens to the first such line only.
        string.Join(' ', [$"SetEnv HOME={Home}", .. settings.Where(IsEnvironment).Select(s => s[EnvironmentWord.Length..])]),
        "LogLevel INFO",
    ];

    private static async Task ListeningAsync(Process process)
    {
        var lines = new ConcurrentQueue<string>();
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            lines.Enqueue(line.Data ?? "");
            if (line.Data is null)
            {
                listening.TrySetException(new InvalidOperationException("sshd did not start: " + string.Join('\n', lines)));
            }
            else if (line.Data.StartsWith("Server listening", StringComparison.Ordinal))
            {
                listening.TrySetResult();
            }
        };
        process.BeginErrorReadLine();
        await listening.Task;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
