using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Pins the host key that a person confirmed.</summary>
public sealed class PinHostKey(IDbContextFactory<DevOpsDbContext> contexts, HostKeys hostKeys, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Asks the server again and pins the key only when it still shows one with this fingerprint.</summary>
    /// <exception cref="InvalidInput">The text is no fingerprint.</exception>
    /// <exception cref="Conflict">It does not answer (<c>unreachable</c>), or shows no such key (<c>hostKeyChanged</c>).</exception>
    public async Task<Server> RunAsync(Actor actor, string name, string fingerprint, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var asked = await db.FindServerAsync(actor, name, Permission.ServerEdit, cancellationToken);
        if (!ServerDraft.IsFingerprint(fingerprint))
        {
            throw new InvalidInput("fingerprint", "Give the fingerprint as ssh-keygen shows it: SHA256: and 43 characters.");
        }

        var key = await hostKeys.ConfirmAsync(new HostAddress(asked.Host, asked.Port, asked.JumpServerId), fingerprint, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var server = await db.LockServerAsync(actor, name, Permission.ServerEdit, cancellationToken);
        if (!string.Equals(server.Host, asked.Host, StringComparison.Ordinal) || server.Port != asked.Port)
        {
            throw new Stale($"Server {name}");
        }

        audit.Add(db, actor, "server.hostKey", $"server/{name}", $"Pinned {key.Fingerprint} ({key.Algorithm}); before: {server.HostKeyFingerprint ?? "none"}.");
        server.HostKey = key.Key;
        server.HostKeyFingerprint = key.Fingerprint;
        server.Revision++;
        await db.SaveAsync($"Server {name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Server, server.Id));
        return server;
    }
}
