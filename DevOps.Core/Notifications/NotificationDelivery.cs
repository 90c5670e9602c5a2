namespace DevOps.Core.Notifications;

/// <summary>How far a message has come.</summary>
public enum DeliveryState
{
    /// <summary>It waits for its time, or for another try.</summary>
    Pending,

    /// <summary>The receiver took it.</summary>
    Sent,

    /// <summary>The receiver did not take it, and no further try is made.</summary>
    Failed,

    /// <summary>It was left out: the channel had too many messages waiting.</summary>
    Skipped,
}

/// <summary>One message on its way to one channel. There is one per channel, deployment and event at most.</summary>
public sealed class NotificationDelivery
{
    /// <summary>The event of a test message.</summary>
    public const string Test = "test";

    /// <summary>Row id; receivers get it as the message's id and can tell a repeat by it.</summary>
    public long Id { get; set; }

    /// <summary>The channel.</summary>
    public long ChannelId { get; set; }

    /// <summary>The deployment; null for a test.</summary>
    public long? DeploymentId { get; set; }

    /// <summary>Which state is told, or <see cref="Test"/>.</summary>
    public required string Event { get; set; }

    /// <summary>How far it has come.</summary>
    public DeliveryState State { get; set; }

    /// <summary>Tries so far.</summary>
    public int Attempts { get; set; }

    /// <summary>What the receiver said last, or what went wrong.</summary>
    public string? Answer { get; set; }

    /// <summary>When it came up (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Not sent before (UTC), so that a channel is not flooded.</summary>
    public DateTimeOffset SendAfter { get; set; }

    /// <summary>When it was sent, given up or left out (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; set; }
}
