using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Servers;

/// <summary>Where a server's SSH service is.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="JumpServerId">Row id of the server to go through, or null.</param>
internal sealed record HostAddress(string Host, int Port, long? JumpServerId)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host} port {Port}");
}

/// <summary>Asks servers for their host keys.</summary>
public sealed class HostKeys(IRemoteHosts hosts, ServerAccessReader reader)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Strongest first: what is offered to be pinned when the server shows several.
    private static readonly string[] Preferred = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "ssh-rsa"];

    /// <summary>All keys a server shows, the one to prefer first.</summary>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>).</exception>
    internal async Task<IReadOnlyList<ScannedHostKey>> ScanAsync(HostAddress address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var keys = address.JumpServerId is { } jump
                ? await ScanFromAsync(await reader.ReadAsync(jump, limit.Token), address, limit.Token)
                : await hosts.ScanHostKeysAsync(address.Host, address.Port, limit.Token);
            return keys.Count > 0
                ? [.. keys.OrderBy(k => Rank(k.Algorithm)).ThenBy(k => k.Algorithm, StringComparer.Ordinal)]
                : throw new Conflict("unreachable", $"{address} shows no host key. Is it an SSH service, and is the port right?");
        }
        catch (StepFailure e)
        {
            throw new Conflict("unreachable", e.Said);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new Conflict("unreachable", $"{address} did not show its host keys within {Limit.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Finds the key with a fingerprint among those a server shows right now.</summary>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>), or shows no such key (<c>hostKeyChanged</c>); the message holds both fingerprints.</exception>
    internal async Task<ScannedHostKey> ConfirmAsync(HostAddress address, string fingerprint, CancellationToken cancellationToken)
    {
        var keys = await ScanAsync(address, cancellationToken);
        return keys.FirstOrDefault(k => string.Equals(k.Fingerprint, fingerprint, StringComparison.Ordinal))
            ?? throw new Conflict(
                "hostKeyChanged",
                $"{address} shows no key with the fingerprint {fingerprint}, but {string.Join(", ", keys.Select(k => $"{k.Fingerprint} ({k.Algorithm})"))}. Nothing was pinned. Compare with the server's console.");
    }

    // What lies behind a jump server can only be asked from there.
    private async Task<IReadOnlyList<ScannedHostKey>> ScanFromAsync(ServerAccess jump, HostAddress address, CancellationToken cancellationToken)
    {
        if (jump.HostKey is null)
        {
            throw new StepFailure($"The host key of {jump.Name}, through which it is reached, is not confirmed yet. Confirm that one first.");
        }

        var port = address.Port.ToString(CultureInfo.InvariantCulture);
        var command = new RemoteCommand { Script = $"ssh-keyscan -T 10 -p {port} -- {ShellQuote.Word(address.Host)} 2>/dev/null", Timeout = Limit };
        var exit = await hosts.Get(jump).RunAsync(command, output: null, cancellationToken);
        return exit.ExitCode == 127
            ? throw new StepFailure($"ssh-keyscan is not installed on {jump.Name}, through which it is reached. Install openssh-client there.")
            : Ssh.HostKeyScan.Read(exit.Output);
    }

    private static int Rank(string algorithm) => Array.IndexOf(Preferred, algorithm) is var rank && rank < 0 ? Preferred.Length : rank;
}
