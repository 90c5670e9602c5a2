using System.Globalization;
using System.Text.Json;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Notifications;

/// <summary>What stands in the queue for a message.</summary>
/// <param name="DeliveryId">The delivery.</param>
internal sealed record NotificationJob(long DeliveryId)
{
    public const string Kind = "notification";

    // A bit over two minutes of trouble at the receiver's is lived through.
    private const int Tries = 7;

    // One after the other per channel: in the order in which things happened, and a slow receiver holds up its own messages only.
    public static NewJob New(long deliveryId, long channelId, TimeSpan delay) => new(Kind, JsonSerializer.Serialize(new NotificationJob(deliveryId), Json.Options))
    {
        LockKey = $"channel:{channelId.ToString(CultureInfo.InvariantCulture)}",
        Delay = delay,
        MaxAttempts = Tries,
    };

    public static long DeliveryOf(Job job) => JsonSerializer.Deserialize<NotificationJob>(job.Payload, Json.Options)!.DeliveryId;
}
