using System.Globalization;
using System.Text.Json;
using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Turns events into messages: reads the history forward from where it stopped, and for every channel that wants to hear it adds a delivery
/// and its job, all in one transaction. Several processes may do it; one at a time does.</summary>
public sealed class NotificationDispatch(IDbContextFactory<DevOpsDbContext> contexts, JobQueue queue, TimeProvider time)
{
    /// <summary>Most messages of a channel in a minute: what DingTalk and WeCom allow.</summary>
    public const int PerMinute = 20;

    /// <summary>Messages that may wait in a channel; further ones are left out.</summary>
    public const int MostWaiting = 200;

    private const string CursorKey = "notifications.cursor";
    private const int Batch = 200;

    /// <summary>Goes on until the end of the history.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        bool more;
        do
        {
            more = await TurnAsync(cancellationToken);
        }
        while (more);
    }

    private async Task<bool> TurnAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await TakeCursorAsync(db, cancellationToken) is not { } cursor)
        {
            await transaction.CommitAsync(cancellationToken);
            return false;
        }

        var events = await db.DeploymentEvents.AsNoTracking()
            .Where(e => e.Id > cursor && (e.Kind == DeploymentEventKind.Created || e.Kind == DeploymentEventKind.Status))
            .OrderBy(e => e.Id).Take(Batch).ToListAsync(cancellationToken);
        if (events.Count == 0)
        {
            return false;
        }

        var added = await AddAsync(db, events, cancellationToken);
        var through = events[^1].Id.ToString(CultureInfo.InvariantCulture);
        await db.Settings.Where(s => s.Key == CursorKey).ExecuteUpdateAsync(set => set.SetProperty(s => s.Value, through), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (added)
        {
            queue.Wake(NotificationJob.Kind);
        }

        return events.Count == Batch;
    }

    // Null when another process holds it. What happened before the first start of all is no news.
    private static async Task<long?> TakeCursorAsync(DevOpsDbContext db, CancellationToken cancellationToken)
    {
        var found = await db.Database.SqlQuery<string>($"SELECT value AS \"Value\" FROM settings WHERE key = {CursorKey} FOR UPDATE SKIP LOCKED").ToListAsync(cancellationToken);
        if (found.Count > 0)
        {
            return long.Parse(found[0], CultureInfo.InvariantCulture);
        }

        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO settings (key, value) SELECT {CursorKey}, coalesce(max(id), 0)::text FROM deployment_events ON CONFLICT DO NOTHING", cancellationToken);
        return null;
    }

    private async Task<bool> AddAsync(DevOpsDbContext db, List<DeploymentEvent> events, CancellationToken cancellationToken)
    {
        var channels = await db.NotificationChannels.AsNoTracking().ToListAsync(cancellationToken);
        if (channels.Count == 0)
        {
            return false;
        }

        var ids = events.Select(e => e.ProjectId).Distinct().ToList();
        var projects = await db.Projects.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Key, cancellationToken);
        var added = false;
        foreach (var one in events.Where(e => projects.ContainsKey(e.ProjectId)))
        {
            using var data = JsonDocument.Parse(one.Data);
            var status = data.RootElement.GetProperty("status").GetString()!;
            foreach (var channel in channels.Where(c => Wants(c, status, projects[one.ProjectId])))
            {
                added |= await AddAsync(db, channel, one.DeploymentId, status, cancellationToken);
            }
        }

        return added;
    }

    private static bool Wants(NotificationChannel channel, string status, string project) =>
        channel.Events.Contains(status, StringComparer.Ordinal) && (channel.Projects.Count == 0 || channel.Projects.Contains(project, StringComparer.Ordinal));

    private async Task<bool> AddAsync(DevOpsDbContext db, NotificationChannel channel, long deployment, string status, CancellationToken cancellationToken)
    {
        if (!await db.Deployments.AnyAsync(d => d.Id == deployment, cancellationToken)
            || await db.NotificationDeliveries.AnyAsync(d => d.ChannelId == channel.Id && d.DeploymentId == deployment && d.Event == status, cancellationToken))
        {
            return false;
        }

        var now = time.GetUtcNow();
        var mine = db.NotificationDeliveries.Where(d => d.ChannelId == channel.Id && d.State != DeliveryState.Skipped);
        var earlier = await mine.OrderByDescending(d => d.Id).Skip(PerMinute - 1).Select(d => (DateTimeOffset?)d.SendAfter).FirstOrDefaultAsync(cancellationToken);
        var slot = earlier + TimeSpan.FromMinutes(1) is { } next && next > now ? next : now;
        var flooded = await mine.CountAsync(d => d.State == DeliveryState.Pending, cancellationToken) >= MostWaiting;
        var delivery = new NotificationDelivery
        {
            ChannelId = channel.Id,
            DeploymentId = deployment,
            Event = status,
            State = flooded ? DeliveryState.Skipped : DeliveryState.Pending,
            Answer = flooded ? $"Left out: {MostWaiting} messages were waiting already." : null,
            CreatedAt = now,
            SendAfter = slot,
            FinishedAt = flooded ? now : null,
        };
        db.NotificationDeliveries.Add(delivery);
        await db.SaveChangesAsync(cancellationToken);
        if (!flooded)
        {
            await JobQueue.EnqueueAsync(db, NotificationJob.New(delivery.Id, channel.Id, slot - now), cancellationToken);
        }

        return true;
    }
}
