using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Sends a test message at once and says what the receiver answered.</summary>
public sealed class TestChannel(
    IDbContextFactory<DevOpsDbContext> contexts, MessageReader messages, ChannelSender sender, AuditTrail audit, ChangeFeed feed, TimeProvider time)
{
    private const int PerMinute = 10;

    /// <summary>Makes one try.</summary>
    /// <exception cref="NotFound">There is no such channel.</exception>
    /// <exception cref="Conflict"><c>tooMany</c>: it was tested often within the last minute.</exception>
    public async Task<ChannelTest> RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var channel = await db.NotificationChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Name == name, cancellationToken) ?? throw ChannelRules.Missing(name);
        var now = time.GetUtcNow();
        var since = now - TimeSpan.FromMinutes(1);
        if (await db.NotificationDeliveries.CountAsync(d => d.ChannelId == channel.Id && d.Event == NotificationDelivery.Test && d.CreatedAt > since, cancellationToken) >= PerMinute)
        {
            throw new Conflict("tooMany", $"Channel {name} was tested {PerMinute} times within a minute. Wait a minute.");
        }

        var delivery = new NotificationDelivery { ChannelId = channel.Id, Event = NotificationDelivery.Test, CreatedAt = now, SendAfter = now };
        db.NotificationDeliveries.Add(delivery);
        audit.Add(db, actor, "channel.test", ChannelRules.Subject(name), $"Sent a test message to channel {name}.");
        await db.SaveChangesAsync(cancellationToken);
        var answer = await TryAsync(channel, await messages.TestAsync(delivery, actor.Name, cancellationToken), cancellationToken);
        var ended = time.GetUtcNow();
        (delivery.State, delivery.Attempts, delivery.Answer, delivery.FinishedAt) = (answer.Sent ? DeliveryState.Sent : DeliveryState.Failed, 1, answer.Text, ended);
        await db.SaveChangesAsync(CancellationToken.None);
        feed.Publish(new Change(ChangeKind.Channel, channel.Id));
        return new ChannelTest(answer.Sent, answer.Text, (long)(ended - now).TotalMilliseconds);
    }

    private async Task<SendAnswer> TryAsync(NotificationChannel channel, Core.Notifications.Messages.DeploymentMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await sender.SendAsync(channel, message, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Who asked is gone; the row says so.
            return SendAnswer.Never("The test was broken off.");
        }
    }
}

/// <summary>What became of a test message.</summary>
/// <param name="Sent">The receiver took it.</param>
/// <param name="Answer">What it said, or what went wrong.</param>
/// <param name="LatencyMs">How long it took, in milliseconds.</param>
public sealed record ChannelTest(bool Sent, string Answer, long LatencyMs);
