using DevOps.Core.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Ends every session and access token of the actor.</summary>
public sealed class SignOutEverywhere(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ActorReader actors)
{
    /// <summary>Ends them.</summary>
    public async Task RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        account.SecurityStamp = Stamps.New();
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "session.endAll", $"user/{account.UserName}", "Ended every session.");
        await db.SaveChangesAsync(cancellationToken);
        actors.Forget(account.Id);
    }
}
