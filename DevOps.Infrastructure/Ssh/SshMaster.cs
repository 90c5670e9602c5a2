using System.Diagnostics;
using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>One open connection to a server: an ssh process that others share through its control socket.
/// It holds our end of a pipe as its lifeline and so ends with this process, however that ends.</summary>
internal sealed class SshMaster : IAsyncDisposable
{
    // ssh takes the shell's place; the one that waits in the background ends it when our end of the pipe closes.
    private const string Lifeline = "exec 3<&0 </dev/null; (read -r x <&3; kill \"$$\") >/dev/null 2>&1 & exec 3<&-; exec ssh \"$@\"";
    private const string Askpass = "#!/bin/sh\nexec cat -- \"$DEVOPS_ASKPASS\"\n";

    private readonly Process _process;
    private readonly Tail _error = new(16 * 1024);
    private readonly Task _drained;
    private int _closed;

    private SshMaster(Process process, string folder)
    {
        _process = process;
        Folder = folder;
        _drained = DrainAsync(process.StandardError.BaseStream);
    }

    /// <summary>Folder with its socket and configuration.</summary>
    public string Folder { get; }

    /// <summary>The process that holds the connection.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether the connection stands, as far as is known here. A silent one ends its process by itself.</summary>
    public bool IsAlive => Volatile.Read(ref _closed) == 0 && !_process.HasExited;

    /// <summary>Connects and signs in. Key or password are on disk only until that is done.</summary>
    /// <exception cref="HostUnreachable">It did not work; the message says why.</exception>
    /// <exception cref="HostKeyChanged">The server showed another key.</exception>
    public static async Task<SshMaster> OpenAsync(ServerAccess server, SshFolder parent, SshMaster? jump, SshOptions options, CancellationToken cancellationToken)
    {
        var key = SshConfig.Check(server);
        var folder = parent.Next();
        SshMaster? master = null;
        try
        {
            WriteFiles(server, key, folder, jump, options);
            master = new SshMaster(Start(folder, server.Kind), folder);
            await master.WaitUntilUpAsync(server, options, cancellationToken);
        }
        catch (Exception e)
        {
            await CleanUpAsync(master, folder);
            if (e is ConnectionFailed failed)
            {
                throw await ExplainAsync(server, key, failed.Error, jump is not null, cancellationToken);
            }

            throw;
        }

        RemoveSecrets(folder);
        return master;
    }

    /// <summary>Closes the connection and everything that goes over it. Repeatable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            SshProcess.Kill(_process);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _drained;
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static void WriteFiles(ServerAccess server, HostKey key, string folder, SshMaster? jump, SshOptions options)
    {
        SshFolder.Write(Path.Combine(folder, "known"), $"{SshConfig.Alias} {key}\n");
        SshFolder.Write(Path.Combine(folder, "open"), SshConfig.ForOpening(server, key, folder, jump?.Folder, options));
        SshFolder.Write(Path.Combine(folder, "use"), SshConfig.ForUse(folder));
        if (server.Kind == CredentialKind.SshKey)
        {
            SshFolder.Write(Path.Combine(folder, "key"), server.Secret.Reveal().ReplaceLineEndings("\n").TrimEnd('\n') + "\n");
        }
        else
        {
            SshFolder.Write(Path.Combine(folder, "password"), server.Secret.Reveal() + "\n");
            SshFolder.Write(Path.Combine(folder, "askpass"), Askpass, executable: true);
        }
    }

    private static void RemoveSecrets(string folder)
    {
        File.Delete(Path.Combine(folder, "key"));
        File.Delete(Path.Combine(folder, "password"));
        File.Delete(Path.Combine(folder, "askpass"));
    }

    private static Process Start(string folder, CredentialKind kind)
    {
        string[] arguments = ["-c", Lifeline, "sh", "-F", Path.Combine(folder, "open"), "-N", SshConfig.Alias];
        return kind == CredentialKind.SshKey
            ? SshProcess.Start("/bin/sh", arguments)
            : SshProcess.Start(
                "/bin/sh",
                arguments,
                ("SSH_ASKPASS", Path.Combine(folder, "askpass")),
                ("SSH_ASKPASS_REQUIRE", "force"),
                ("DEVOPS_ASKPASS", Path.Combine(folder, "password")));
    }

    private async Task WaitUntilUpAsync(ServerAccess server, SshOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.OpenTimeout);
        try
        {
            if (await _process.StandardOutput.ReadLineAsync(limit.Token) is "up")
            {
                return;
            }

            await _process.WaitForExitAsync(limit.Token);
            await _drained.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HostUnreachable(server.Name, $"the sign-in took longer than {options.OpenTimeout.TotalSeconds:0} seconds.", e);
        }

        throw new ConnectionFailed(_error.ToString());
    }

    private static async Task CleanUpAsync(SshMaster? master, string folder)
    {
        RemoveSecrets(folder);
        if (master is null)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            await master.DisposeAsync();
        }
    }

    private static async Task<StepFailure> ExplainAsync(ServerAccess server, HostKey pinned, string error, bool throughJump, CancellationToken cancellationToken)
    {
        if (!SshTrouble.IsHostKey(error))
        {
            return new HostUnreachable(server.Name, SshTrouble.Explain(server, error));
        }

        var presented = SshTrouble.PresentedFingerprint(error);
        if (presented is null && !throughJump)
        {
            var keys = await HostKeyScan.RunAsync(server.Host, server.Port, TimeSpan.FromSeconds(5), cancellationToken);
            presented = (keys.FirstOrDefault(k => string.Equals(k.Algorithm, pinned.Algorithm, StringComparison.Ordinal)) ?? keys[0]).Fingerprint;
        }

        return new HostKeyChanged(server.Name, pinned.Fingerprint, presented ?? "(of another kind)");
    }

    private async Task DrainAsync(Stream stream)
    {
        var buffer = new byte[4096];
        for (var read = await stream.ReadAsync(buffer); read > 0; read = await stream.ReadAsync(buffer))
        {
            _error.Add(buffer.AsSpan(0, read));
        }
    }

    private sealed class ConnectionFailed(string error) : Exception
    {
        public string Error { get; } = error;
    }
}
