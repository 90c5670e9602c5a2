using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Adds a server.</summary>
public sealed class AddServer(IDbContextFactory<DevOpsDbContext> contexts, HostKeys hostKeys, AuditTrail audit, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Adds a server; with a fingerprint in the draft its host key is asked for and pinned at once.</summary>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Conflict">The name is taken (<c>exists</c>), or a fingerprint was given and the server does not answer (<c>unreachable</c>) or shows another key (<c>hostKeyChanged</c>).</exception>
    public async Task<Server> RunAsync(Actor actor, ServerDraft draft, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.ServerEdit);
        draft = draft.Tidy();
        var faults = new Faults();
        draft.Check(faults);
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var links = await ServerLinks.FindAsync(db, draft, cancellationToken);
        if (await db.Servers.AnyAsync(s => s.Name == draft.Name, cancellationToken))
        {
            throw new Conflict("exists", $"Server {draft.Name} is there already. Choose another name.");
        }

        var key = draft.HostKey is { } fingerprint ? await hostKeys.ConfirmAsync(new HostAddress(draft.Host, draft.Port, links.JumpServerId), fingerprint, cancellationToken) : null;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var server = new Server
        {
            Name = draft.Name,
            Host = draft.Host,
            Port = draft.Port,
            User = draft.User,
            CredentialId = links.CredentialId,
            Tags = [.. draft.Tags],
            JumpServerId = links.JumpServerId,
            HostKey = key?.Key,
            HostKeyFingerprint = key?.Fingerprint,
            CreatedAt = time.GetUtcNow(),
        };
        db.Servers.Add(server);
        await ServerLinks.NoteAsync(db, null, draft, cancellationToken);
        audit.Add(db, actor, "server.create", $"server/{server.Name}", $"Added server {server.Name}: {server.User}@{server.Host} port {server.Port}, host key {server.HostKeyFingerprint ?? "not confirmed yet"}.");
        await db.SaveAsync($"Server {server.Name}", cancellationToken);
        await DeployFolders.DemandUniqueAsync(db, claim => claim.Server.Id == server.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Server, server.Id));
        return server;
    }
}
