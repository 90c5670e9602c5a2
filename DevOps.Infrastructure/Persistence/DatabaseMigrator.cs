using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Brings a database's schema up to date. Several processes may do so at once: the migrations' own lock lets one through.</summary>
public sealed class DatabaseMigrator(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>Applies what is missing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
    }
}
