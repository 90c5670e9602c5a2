namespace DevOps.Core.Webhooks;

/// <summary>One branch or tag that was pushed, whoever told of it.</summary>
public sealed record Push
{
    /// <summary>What was pushed.</summary>
    public required PushedKind Kind { get; init; }

    /// <summary>Name of the branch or tag, without <c>refs/…/</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Full hash of the newest commit; a generic delivery may give a short one, or none.</summary>
    public string? Commit { get; init; }

    /// <summary>Message of the newest commit.</summary>
    public string Message { get; init; } = "";

    /// <summary>Author of the newest commit.</summary>
    public string Author { get; init; } = "";

    /// <summary>True when the branch or tag is gone.</summary>
    public bool Deleted { get; init; }

    /// <summary>Every file that the push touches; null when the delivery does not surely name all of them.</summary>
    public IReadOnlyList<string>? Paths { get; init; }
}

/// <summary>What a push moved.</summary>
public enum PushedKind
{
    /// <summary>A branch.</summary>
    Branch,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>A name of which the sender does not say what it is.</summary>
    Unknown,
}

/// <summary>What a delivery says.</summary>
/// <param name="Event">The event, in the sender's word.</param>
/// <param name="Pushes">What was pushed; empty when the event is no push.</param>
/// <param name="Sender">Who pushed, as the sender knows them.</param>
public sealed record DeliveryContent(string Event, IReadOnlyList<Push> Pushes, string? Sender);
