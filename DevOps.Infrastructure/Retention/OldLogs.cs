using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Logs of deployments that ended long ago, in batches, so that nobody waits behind it.</summary>
internal sealed class OldLogs(IDbContextFactory<DevOpsDbContext> contexts, SettingsReader settings) : IHousekeeping
{
    private const int Batch = 1000;

    public string Subject => "pieces of old logs";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var days = (await settings.ReadAsync(cancellationToken)).Retention.LogDays;
        var total = 0;
        int batch;
        do
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            batch = await db.Database.ExecuteSqlAsync(
                $"""
                DELETE FROM log_chunks WHERE (deployment_id, first_line) IN (
                    SELECT c.deployment_id, c.first_line FROM log_chunks c JOIN deployments d ON d.id = c.deployment_id
                    WHERE d.finished_at < now() - make_interval(days => {days}) LIMIT {Batch})
                """,
                cancellationToken);
            total += batch;
        }
        while (batch == Batch);
        return total;
    }
}
