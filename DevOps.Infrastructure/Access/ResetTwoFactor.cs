using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Takes away a user's second factor, for who lost phone and recovery codes. The password is asked for as before.</summary>
public sealed class ResetTwoFactor(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer, AuditTrail audit, ActorReader actors)
{
    /// <summary>Resets it and ends every session of the user. Without a second factor nothing happens.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such user.</exception>
    public async Task RunAsync(Actor actor, string username, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = normalizer.NormalizeName(username);
        var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken)
            ?? throw new NotFound($"User {username}");
        if (!account.TwoFactorEnabled)
        {
            return;
        }

        SecondFactor.Remove(account);
        account.SecurityStamp = Stamps.New();
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.twoFactorReset", $"user/{account.UserName}", "Took away the second factor; every session of the user ended.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        actors.Forget(account.Id);
    }
}
