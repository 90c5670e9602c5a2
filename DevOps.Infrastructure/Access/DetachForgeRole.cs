using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Takes a user's role out of a forge's hands: it stays as it is, and from now on administrators alone change it. The person signs in through the forge as before.</summary>
public sealed class DetachForgeRole(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer, AuditTrail audit, ActorReader actors)
{
    /// <summary>Detaches it. When no forge gives the role nothing happens.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such user.</exception>
    public async Task RunAsync(Actor actor, string username, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = normalizer.NormalizeName(username);
        var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken)
            ?? throw new NotFound($"User {username}");
        if (account.RoleFrom is not { } forge)
        {
            return;
        }

        account.RoleFrom = null;
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.detachRole", $"user/{account.UserName}", $"The role {Json.Word(account.Role)} does not follow {forge} any more.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        actors.Forget(account.Id);
    }
}
