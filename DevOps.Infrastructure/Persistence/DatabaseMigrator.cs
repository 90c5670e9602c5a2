using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Brings a database's schema up to date. Several processes may do so at once: the migrations' own lock lets one through.</summary>
public sealed class DatabaseMigrator(NpgsqlDataSource database, IDbContextFactory<DevOpsDbContext> contexts)
{
    private static readonly IReadOnlyList<string> Known =
    [
        .. typeof(DevOpsDbContext).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Migration))).Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>(),
    ];

    /// <summary>Applies what is missing.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => RunAsync(Task.CompletedTask, cancellationToken);

    /// <summary>Learns what the tables look like and how they are asked, which takes a second once in a process, and meanwhile applies what is missing.</summary>
    /// <param name="ready">Ends when the database answers.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public Task RunAsync(Task ready, CancellationToken cancellationToken) =>
        Task.WhenAll(Task.Run(LearnAsync, cancellationToken), ApplyAsync(ready, cancellationToken));

    /// <summary>Whether nothing is missing. Asked in plain words: every start asks, before the model is learned.</summary>
    public async Task<bool> IsCurrentAsync(CancellationToken cancellationToken)
    {
        var missing = Known.ToHashSet(StringComparer.Ordinal);
        try
        {
            await using var applied = database.CreateCommand("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"");
            await using var rows = await applied.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                missing.Remove(rows.GetString(0));
            }
        }
        catch (PostgresException nothing) when (nothing.SqlState is PostgresErrorCodes.UndefinedTable)
        {
            return false;
        }

        return missing.Count == 0;
    }

    private async Task LearnAsync()
    {
        await using var db = await contexts.CreateDbContextAsync();
        _ = db.Settings.ToQueryString();
    }

    private async Task ApplyAsync(Task ready, CancellationToken cancellationToken)
    {
        await ready;
        if (!await IsCurrentAsync(cancellationToken))
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
        }
    }
}
