namespace DevOps.Core.Queue;

/// <summary>What is asked of the queue.</summary>
/// <param name="Kind">The word that picks its handler, at most 40 characters.</param>
/// <param name="Payload">What the handler needs to know, as JSON.</param>
public sealed record NewJob(string Kind, string Payload)
{
    /// <summary>At most one job per key runs at a time, strictly in the order of priority and id: a job that waits for its time holds up those behind it.</summary>
    public string? LockKey { get; init; }

    /// <summary>Lower runs first.</summary>
    public int Priority { get; init; }

    /// <summary>Not before that much time has passed; by default at once.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How often it may be taken.</summary>
    public int MaxAttempts { get; init; } = 5;
}
