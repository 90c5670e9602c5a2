using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Credentials;

/// <summary>Deletes a credential that nothing uses.</summary>
public sealed class DeleteCredential(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Deletes it.</summary>
    /// <exception cref="NotFound">There is no such credential.</exception>
    /// <exception cref="Conflict">It is used (<c>inUse</c>); the message says by what.</exception>
    public async Task RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.CredentialEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var credential = await db.Credentials.SingleOrDefaultAsync(c => c.Name == name, cancellationToken) ?? throw new NotFound("The credential");
        var users = (await CredentialUse.ReadAsync(db, cancellationToken))[name].ToList();
        if (users.Count > 0)
        {
            throw new Conflict("inUse", $"Credential {name} is used by {string.Join(", ", users)}. Give them another one first.");
        }

        db.Credentials.Remove(credential);
        audit.Add(db, actor, "credential.delete", $"credential/{name}", $"Deleted credential {name}.");
        await db.SaveAsync($"Credential {name}", cancellationToken);
        feed.Publish(new Change(ChangeKind.Credential, credential.Id));
    }
}
