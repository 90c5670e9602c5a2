using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Makes the link with which a user chooses a password. A link made before is void; the present password stays good until the new one is chosen.</summary>
public sealed class MakePasswordLink(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer, AuditTrail audit, ActorReader actors, TimeProvider time)
{
    /// <summary>Makes the link.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such user.</exception>
    /// <exception cref="Conflict"><c>disabled</c>: the account may not sign in.</exception>
    public async Task<PasswordLink> RunAsync(Actor actor, string username, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = normalizer.NormalizeName(username);
        var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken)
            ?? throw new NotFound($"User {username}");
        if (account.Disabled)
        {
            throw new Conflict("disabled", $"{account.UserName} is disabled. Enable the account first.");
        }

        var link = PasswordLink.Open(account, time.GetUtcNow());
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.passwordLink", $"user/{account.UserName}", account.PasswordHash is null ? "Made an invitation link." : "Made a link to choose a new password.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        actors.Forget(account.Id);
        return link;
    }
}
