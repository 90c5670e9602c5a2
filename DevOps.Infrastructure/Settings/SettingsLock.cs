using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Settings;

/// <summary>Lets changes of settings take turns: a row that is not there yet cannot be locked itself.</summary>
internal static class SettingsLock
{
    private const long LockKey = 0x5E77_1465;

    /// <summary>Takes it until the transaction ends.</summary>
    public static Task TakeAsync(DevOpsDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
}
