namespace DevOps.Core.Notifications;

/// <summary>What a channel can be asked to tell: the states of a deployment, as words of the HTTP contract.</summary>
public static class ChannelEvents
{
    /// <summary>All of them, in the order in which a deployment meets them.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["pendingApproval", "queued", "running", "succeeded", "failed", "cancelled", "rejected", "superseded"];

    /// <summary>What people want to hear unless they say otherwise.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["pendingApproval", "succeeded", "failed"];
}
