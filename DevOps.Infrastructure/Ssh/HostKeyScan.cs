using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Asks a server for its host keys without signing in.</summary>
internal static class HostKeyScan
{
    /// <summary>Reads all keys that the server shows.</summary>
    /// <exception cref="HostUnreachable">It does not answer, or shows no key.</exception>
    public static async Task<IReadOnlyList<ScannedHostKey>> RunAsync(string host, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!SshConfig.IsHost(host) || port is < 1 or > 65535)
        {
            throw new StepFailure($"'{host}:{port.ToString(CultureInfo.InvariantCulture)}' is no address. Correct host and port.");
        }

        var seconds = Math.Max(1, (int)Math.Ceiling(timeout.TotalSeconds));
        using var process = SshProcess.Start("ssh-keyscan", ["-T", seconds.ToString(CultureInfo.InvariantCulture), "-p", port.ToString(CultureInfo.InvariantCulture), "--", host]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout * 3);
        try
        {
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var keys = Read(await process.StandardOutput.ReadToEndAsync(limit.Token));
            return keys.Count > 0 ? keys : throw new HostUnreachable(host, Explain(host, port, await error));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HostUnreachable(host, $"port {port.ToString(CultureInfo.InvariantCulture)} does not answer like an SSH server.", e);
        }
        finally
        {
            SshProcess.Kill(process);
        }
    }

    /// <summary>Reads what <c>ssh-keyscan</c> wrote, Ed25519 first.</summary>
    internal static List<ScannedHostKey> Read(string output) =>
    [
        .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith('#') && line.Contains(' ', StringComparison.Ordinal))
            .Select(line => HostKey.Parse(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))
            .OfType<HostKey>()
            .Select(key => new ScannedHostKey(key.Algorithm, key.ToString(), key.Fingerprint))
            .OrderByDescending(key => string.Equals(key.Algorithm, "ssh-ed25519", StringComparison.Ordinal))
            .ThenBy(key => key.Algorithm, StringComparer.Ordinal),
    ];

    private static Sentence Explain(string host, int port, string error)
    {
        var at = port.ToString(CultureInfo.InvariantCulture);
        return error switch
        {
            _ when error.Contains("getaddrinfo", StringComparison.Ordinal) => Sentence.Of($"the host name {host} is unknown."),
            _ when error.Contains("refused", StringComparison.Ordinal) => $"the connection to port {at} was refused. Is sshd running there, and is the port right?",
            _ => $"port {at} showed no host key. Is it an SSH server, and does a firewall stand between?",
        };
    }
}
