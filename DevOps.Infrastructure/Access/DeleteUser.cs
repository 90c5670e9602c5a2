using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Deletes a user. What the user did stays in the audit log and in the history.</summary>
public sealed class DeleteUser(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer, AuditTrail audit, ActorReader actors)
{
    /// <summary>Deletes the user.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such user.</exception>
    /// <exception cref="Conflict"><c>lastAdministrator</c>.</exception>
    /// <exception cref="Stale">Someone else changed the user first.</exception>
    public async Task RunAsync(Actor actor, string username, string? expectedTag, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LastAdministrator.LockAsync(db, cancellationToken);
        var key = normalizer.NormalizeName(username);
        var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken)
            ?? throw new NotFound($"User {username}");
        if (expectedTag is not null && !string.Equals(expectedTag, account.ConcurrencyStamp, StringComparison.Ordinal))
        {
            throw new Stale($"User {username}");
        }

        await LastAdministrator.GuardAsync(db, account, cancellationToken);
        db.Users.Remove(account);
        audit.Add(db, actor, "user.delete", $"user/{account.UserName}", "Deleted.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        actors.Forget(account.Id);
    }
}
