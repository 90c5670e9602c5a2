using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Ends browser sessions of who asks: one, or all but the present one. Their cookies are refused at once.</summary>
public sealed class EndSessions(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ActorReader actors, ChangeFeed feed)
{
    /// <summary>Ends one.</summary>
    /// <exception cref="Forbidden">A personal token without the scope <c>admin</c> asks.</exception>
    /// <exception cref="NotFound">The actor has no such session.</exception>
    public async Task OneAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RunAsync(actor, s => s.Where(x => x.Id == id), "session.end", actor.Session == id ? "Signed out." : "Ended a session of another browser.", cancellationToken) == 0)
        {
            throw new NotFound($"Session {id}");
        }
    }

    /// <summary>Ends all but the one the actor comes from.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="Forbidden">A personal token without the scope <c>admin</c> asks.</exception>
    public Task<int> OthersAsync(Actor actor, CancellationToken cancellationToken) =>
        RunAsync(actor, s => s.Where(x => x.Id != (actor.Session ?? Guid.Empty)), "session.endOthers", "Ended the sessions of all other browsers.", cancellationToken);

    private async Task<int> RunAsync(
        Actor actor, Func<IQueryable<BrowserSession>, IQueryable<BrowserSession>> which, string action, string summary, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        var ended = await which(db.BrowserSessions.Where(s => s.AccountId == account.Id)).ExecuteDeleteAsync(cancellationToken);
        if (ended > 0)
        {
            audit.Add(db, actor, action, $"user/{account.UserName}", summary);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            actors.Forget(account.Id);
            feed.Publish(new Change(ChangeKind.Account, 0));
        }

        return ended;
    }
}
