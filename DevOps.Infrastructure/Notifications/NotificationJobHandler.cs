using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Brings one message to its channel.</summary>
public sealed class NotificationJobHandler(
    IDbContextFactory<DevOpsDbContext> contexts, MessageReader messages, ChannelSender sender, ChangeFeed feed, TimeProvider time) : IJobHandler
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private readonly RetryPolicy _retry = new(time, Random.Shared);

    /// <inheritdoc/>
    public string Kind => NotificationJob.Kind;

    /// <inheritdoc/>
    public bool IsErrand => true;

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context)
    {
        await using var db = await contexts.CreateDbContextAsync(context.Stopping);
        var delivery = await FindAsync(db, context);
        if (delivery is null || delivery.State != DeliveryState.Pending || await messages.ReadAsync(db, delivery, context.Stopping) is not { } message)
        {
            return JobOutcome.Done;
        }

        var channel = await db.NotificationChannels.AsNoTracking().SingleAsync(c => c.Id == delivery.ChannelId, context.Stopping);
        var answer = await sender.SendAsync(channel, message, context.Stopping);
        PlatformMeter.Notifications.Add(1, new("kind", Json.Word(channel.Kind)), new("outcome", answer.Sent ? "sent" : "failed"));
        (delivery.Attempts, delivery.Answer) = (delivery.Attempts + 1, answer.Text);
        if (answer.Sent || answer.Final)
        {
            (delivery.State, delivery.FinishedAt) = (answer.Sent ? DeliveryState.Sent : DeliveryState.Failed, time.GetUtcNow());
        }

        // Written although the house may be closing: it was sent, and must not be sent again.
        await db.SaveChangesAsync(CancellationToken.None);
        feed.Publish(new Change(ChangeKind.Channel, delivery.ChannelId));
        return answer switch
        {
            { Sent: true } => JobOutcome.Done,
            { Final: true } => JobOutcome.Discard(answer.Text),
            _ => JobOutcome.RetryAt(time.GetUtcNow() + Pause(context.Job.Attempt, answer.After), answer.Text),
        };
    }

    /// <inheritdoc/>
    public async Task GiveUpAsync(JobContext context, string error)
    {
        await using var db = await contexts.CreateDbContextAsync(context.Stopping);
        if (await FindAsync(db, context) is { State: DeliveryState.Pending } delivery)
        {
            (delivery.State, delivery.FinishedAt) = (DeliveryState.Failed, time.GetUtcNow());
            delivery.Answer ??= error.Length > 500 ? error[..500] : error;
            await db.SaveChangesAsync(context.Stopping);
            feed.Publish(new Change(ChangeKind.Channel, delivery.ChannelId));
        }
    }

    private static Task<NotificationDelivery?> FindAsync(DevOpsDbContext db, JobContext context)
    {
        var id = NotificationJob.DeliveryOf(context.Job);
        return db.NotificationDeliveries.SingleOrDefaultAsync(d => d.Id == id, context.Stopping);
    }

    private TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        var pause = _retry.Pause(attempt);
        return asked is { } longer && longer > pause ? TimeSpan.FromTicks(Math.Min(longer.Ticks, LongestPause.Ticks)) : pause;
    }
}
