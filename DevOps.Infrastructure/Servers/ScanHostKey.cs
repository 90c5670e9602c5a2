using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Keys that a server shows, and the one that is pinned.</summary>
/// <param name="Keys">The keys, the one to prefer first.</param>
/// <param name="Pinned">Fingerprint of the pinned key, or null.</param>
public sealed record HostKeyScan(IReadOnlyList<ScannedHostKey> Keys, string? Pinned)
{
    /// <summary>The key to offer for pinning.</summary>
    public ScannedHostKey Preferred => Keys[0];
}

/// <summary>Asks a server for its host keys, for a person to compare. Pins nothing.</summary>
public sealed class ScanHostKey(IDbContextFactory<DevOpsDbContext> contexts, HostKeys hostKeys)
{
    /// <summary>Asks a server of the platform.</summary>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>).</exception>
    public async Task<HostKeyScan> RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var server = await db.FindServerAsync(actor, name, Permission.ServerEdit, cancellationToken);
        return new HostKeyScan(await hostKeys.ScanAsync(new HostAddress(server.Host, server.Port, server.JumpServerId), cancellationToken), server.HostKeyFingerprint);
    }

    /// <summary>Asks an address that is no server of the platform yet.</summary>
    /// <exception cref="InvalidInput">Host or port cannot be accepted.</exception>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>).</exception>
    public async Task<HostKeyScan> RunAsync(Actor actor, string host, int port, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.ServerEdit);
        var faults = new Faults();
        faults.When(!HostName.IsHost(host), "host", "Give a host name, an IPv4 or an IPv6 address (without brackets).");
        faults.When(port is < 1 or > 65535, "port", "Give 1 to 65535.");
        faults.ThrowIfAny();
        return new HostKeyScan(await hostKeys.ScanAsync(new HostAddress(host, port, null), cancellationToken), null);
    }
}
