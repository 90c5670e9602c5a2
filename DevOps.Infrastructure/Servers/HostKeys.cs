using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Servers;

/// <summary>Asks servers for their host keys.</summary>
public sealed class HostKeys(IRemoteHosts hosts)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Strongest first: what is offered to be pinned when the server shows several.
    private static readonly string[] Preferred = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "ssh-rsa"];

    /// <summary>All keys a server shows, the one to prefer first.</summary>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>).</exception>
    internal async Task<IReadOnlyList<ScannedHostKey>> ScanAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var keys = await hosts.ScanHostKeysAsync(host, port, limit.Token);
            return keys.Count > 0
                ? [.. keys.OrderBy(k => Rank(k.Algorithm)).ThenBy(k => k.Algorithm, StringComparer.Ordinal)]
                : throw new Conflict("unreachable", $"{host} port {port} answers but shows no host key. Is it an SSH service?");
        }
        catch (StepFailure e)
        {
            throw new Conflict("unreachable", e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Conflict("unreachable", $"{host} port {port} did not show its host keys within {Limit.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Finds the key with a fingerprint among those a server shows right now.</summary>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>), or shows no such key (<c>hostKeyChanged</c>); the message holds both fingerprints.</exception>
    internal async Task<ScannedHostKey> ConfirmAsync(string host, int port, string fingerprint, CancellationToken cancellationToken)
    {
        var keys = await ScanAsync(host, port, cancellationToken);
        return keys.FirstOrDefault(k => string.Equals(k.Fingerprint, fingerprint, StringComparison.Ordinal))
            ?? throw new Conflict(
                "hostKeyChanged",
                $"{host} port {port} shows no key with the fingerprint {fingerprint}, but {string.Join(" and ", keys.Select(k => $"{k.Fingerprint} ({k.Algorithm})"))}. Nothing was pinned. Compare with the server's console.");
    }

    private static int Rank(string algorithm) => Array.IndexOf(Preferred, algorithm) is var rank && rank < 0 ? Preferred.Length : rank;
}
