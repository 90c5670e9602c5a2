using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

internal static class OwnAccount
{
    /// <summary>Reads the account of who asks.</summary>
    /// <exception cref="NotFound">The account is gone.</exception>
    public static async Task<Account> FindAsync(DevOpsDbContext db, Actor actor, CancellationToken cancellationToken) =>
        await db.Users.SingleOrDefaultAsync(a => a.UserName == actor.Name, cancellationToken) ?? throw new NotFound($"User {actor.Name}");

    /// <summary>The same, and lets one change of what belongs to the account through at a time, until the transaction ends.</summary>
    /// <exception cref="NotFound">The account is gone.</exception>
    public static async Task<Account> LockAsync(DevOpsDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM accounts WHERE user_name = {actor.Name} FOR NO KEY UPDATE", cancellationToken);
        return await FindAsync(db, actor, cancellationToken);
    }
}
