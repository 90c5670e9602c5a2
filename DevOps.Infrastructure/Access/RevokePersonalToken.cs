using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Ends a personal token of who asks, at once and for ever.</summary>
public sealed class RevokePersonalToken(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ActorReader actors, ChangeFeed feed)
{
    /// <summary>Revokes the token.</summary>
    /// <exception cref="Forbidden">A personal token without the scope <c>admin</c> asks.</exception>
    /// <exception cref="NotFound">The actor has no such token.</exception>
    public async Task RunAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await OwnAccount.LockAsync(db, actor, cancellationToken);
        var token = await db.PersonalTokens.SingleOrDefaultAsync(t => t.Id == id && t.AccountId == account.Id, cancellationToken)
            ?? throw new NotFound($"Personal token {id}");
        db.PersonalTokens.Remove(token);
        audit.Add(db, actor, "token.revoke", $"user/{account.UserName}", $"Revoked the personal token {token.Name}.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        actors.Forget(account.Id);
        feed.Publish(new Change(ChangeKind.Account, token.Id));
    }
}
