using DevOps.Infrastructure.Queue;
using DevOps.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Backups;

/// <summary>Registers the room.</summary>
public static class BackupsServices
{
    /// <summary>Adds backups of the database behind a connection string.</summary>
    public static IServiceCollection AddBackups(this IServiceCollection services, string connectionString) => services
        .AddSingleton(new BackupSource(connectionString))
        .AddSingleton<DatabaseDump>()
        .AddSingleton<StartBackup>()
        .AddSingleton<BackupQueries>()
        .AddSingleton<IJobHandler, BackupJobHandler>()
        .AddSingleton<IHousekeeping, DueBackups>();
}
