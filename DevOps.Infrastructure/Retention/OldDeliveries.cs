using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Retention;

/// <summary>Received webhooks beyond their age or number, in batches, so that nobody waits behind it.</summary>
internal sealed class OldDeliveries(IDbContextFactory<DevOpsDbContext> contexts, SettingsReader settings, IOptions<RetentionOptions> options, TimeProvider time) : IHousekeeping
{
    private const int Batch = 1000;

    public string Subject => "old webhook deliveries";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - TimeSpan.FromDays((await settings.ReadAsync(cancellationToken)).Retention.DeliveryDays);
        var most = options.Value.DeliveriesPerProject;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var removed = await InBatchesAsync(() => db.Database.ExecuteSqlAsync(
            $"DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE received_at < {oldest} LIMIT {Batch})", cancellationToken));
        foreach (var project in await db.Projects.Select(p => p.Id).ToListAsync(cancellationToken))
        {
            var edge = await db.Deliveries.Where(d => d.ProjectId == project).OrderByDescending(d => d.Id).Skip(most).Select(d => (long?)d.Id).FirstOrDefaultAsync(cancellationToken);
            removed += edge is null ? 0 : await InBatchesAsync(() => db.Database.ExecuteSqlAsync(
                $"DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE project_id = {project} AND id <= {edge} LIMIT {Batch})", cancellationToken));
        }

        return removed;
    }

    private static async Task<int> InBatchesAsync(Func<Task<int>> batch)
    {
        var total = 0;
        int removed;
        do
        {
            removed = await batch();
            total += removed;
        }
        while (removed == Batch);
        return total;
    }
}
