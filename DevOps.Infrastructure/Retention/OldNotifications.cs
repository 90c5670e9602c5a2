using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Messages that were sent, given up or left out long ago.</summary>
internal sealed class OldNotifications(IDbContextFactory<DevOpsDbContext> contexts, SettingsReader settings, TimeProvider time) : IHousekeeping
{
    public string Subject => "old messages";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - TimeSpan.FromDays((await settings.ReadAsync(cancellationToken)).Retention.NotificationDays);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.NotificationDeliveries.Where(d => d.FinishedAt < oldest).ExecuteDeleteAsync(cancellationToken);
    }
}
