using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Keeps the platform from losing its last administrator who can sign in.</summary>
internal static class LastAdministrator
{
    // Any number of its own; two administrators that demote each other at the same time must see each other.
    private const long LockKey = 0x_6465_766F_7073_0001;

    /// <summary>Lets one change of accounts through at a time, until the transaction ends.</summary>
    public static Task LockAsync(DevOpsDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);

    /// <summary>Says whether no other enabled administrator is left.</summary>
    public static async Task<bool> IsLastAsync(DevOpsDbContext db, Account account, CancellationToken cancellationToken) =>
        account is { Role: Role.Admin, Disabled: false }
        && !await db.Users.AnyAsync(a => a.Id != account.Id && a.Role == Role.Admin && !a.Disabled, cancellationToken);

    /// <summary>Refuses when no other enabled administrator is left.</summary>
    /// <exception cref="Conflict"><c>lastAdministrator</c>.</exception>
    public static async Task GuardAsync(DevOpsDbContext db, Account account, CancellationToken cancellationToken)
    {
        if (await IsLastAsync(db, account, cancellationToken))
        {
            throw new Conflict("lastAdministrator", $"{account.UserName} is the last enabled administrator. Make another user an administrator first.");
        }
    }
}
