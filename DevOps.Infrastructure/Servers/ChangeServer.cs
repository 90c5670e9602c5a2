using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Replaces a server's settings. Its pinned key stays unless the draft names another one: a server that moved must still show the same key.</summary>
public sealed class ChangeServer(IDbContextFactory<DevOpsDbContext> contexts, HostKeys hostKeys, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Replaces everything but the name.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="draft">What the server shall be; its name says which one.</param>
    /// <param name="expectedRevision">Revision the caller has read, or null to replace whatever is there.</param>
    /// <param name="cancellationToken">Ends the change.</param>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    /// <exception cref="Conflict">A new fingerprint that the server does not show (<c>hostKeyChanged</c>), no answer (<c>unreachable</c>), or a folder that would be shared (<c>deployPath</c>).</exception>
    public async Task<Server> RunAsync(Actor actor, ServerDraft draft, int? expectedRevision, CancellationToken cancellationToken)
    {
        draft = draft.Tidy();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var before = await db.FindServerAsync(actor, draft.Name, Permission.ServerEdit, cancellationToken);
        var faults = new Faults();
        draft.Check(faults);
        faults.ThrowIfAny();
        var links = await ServerLinks.FindAsync(db, draft, cancellationToken);
        var isNewKey = draft.HostKey is not null && !string.Equals(draft.HostKey, before.HostKeyFingerprint, StringComparison.Ordinal);
        var key = isNewKey ? await hostKeys.ConfirmAsync(new HostAddress(draft.Host, draft.Port, links.JumpServerId), draft.HostKey!, cancellationToken) : null;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var server = await db.LockServerAsync(actor, draft.Name, Permission.ServerEdit, cancellationToken);
        Saving.DemandRevision(server.Revision, expectedRevision, $"Server {server.Name}");
        await ServerLinks.NoteAsync(db, server, draft, cancellationToken);
        Apply(server, draft, links);
        if (key is not null)
        {
            audit.Add(db, actor, "server.hostKey", $"server/{server.Name}", $"Pinned {key.Fingerprint} ({key.Algorithm}); before: {server.HostKeyFingerprint ?? "none"}.");
            server.HostKey = key.Key;
            server.HostKeyFingerprint = key.Fingerprint;
        }

        audit.Add(db, actor, "server.change", $"server/{server.Name}", $"Changed server {server.Name}: {server.User}@{server.Host} port {server.Port}, credential {draft.Credential}, through {draft.JumpServer ?? "nothing"}.");
        await db.SaveAsync($"Server {server.Name}", cancellationToken);
        await DeployFolders.DemandUniqueAsync(db, claim => claim.Server.Id == server.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Server, server.Id));
        return server;
    }

    private static void Apply(Server server, ServerDraft draft, ServerLinks links)
    {
        server.Host = draft.Host;
        server.Port = draft.Port;
        server.User = draft.User;
        server.CredentialId = links.CredentialId;
        server.Tags = [.. draft.Tags];
        server.JumpServerId = links.JumpServerId;
        server.LastCheck = null;
        server.LastCheckAt = null;
        server.Revision++;
    }
}
