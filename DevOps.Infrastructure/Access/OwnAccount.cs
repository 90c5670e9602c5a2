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
        await db.Users.SingleOrDefaultAsync(a => a.UserName == actor.Name, cancellationToken) ?? throw new NotFound($"user {actor.Name}");
}
