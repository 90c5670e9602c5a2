using System.Globalization;
using DevOps.Infrastructure.Events;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>The oldest events. How far it went is kept, so that a stream that was away for too long is told to read everything again.</summary>
internal sealed class OldEvents(IDbContextFactory<DevOpsDbContext> contexts, SettingsReader settings) : IHousekeeping
{
    private const int Batch = 5000;

    public string Subject => "old events";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var days = (await settings.ReadAsync(cancellationToken)).Retention.EventDays;
        var total = 0;
        int batch;
        do
        {
            batch = await RemoveAsync(days, cancellationToken);
            total += batch;
        }
        while (batch == Batch);
        return total;
    }

    private async Task<int> RemoveAsync(int days, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var gone = await db.Database.SqlQuery<long>(
            $"""
            DELETE FROM deployment_events WHERE id IN (
                SELECT id FROM deployment_events WHERE at < now() - make_interval(days => {days}) ORDER BY id LIMIT {Batch} FOR UPDATE)
            RETURNING id AS "Value"
            """).ToListAsync(cancellationToken);
        if (gone.Count > 0)
        {
            var highest = gone.Max().ToString(CultureInfo.InvariantCulture);
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO settings (key, value) VALUES ({EventReader.PrunedKey}, {highest})
                ON CONFLICT (key) DO UPDATE SET value = greatest(settings.value::bigint, excluded.value::bigint)::text
                """,
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return gone.Count;
    }
}
