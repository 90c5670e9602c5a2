namespace DevOps.Core.Queue;

/// <summary>State of a job.</summary>
public enum JobState
{
    /// <summary>May be taken once its time has come.</summary>
    Available,

    /// <summary>A worker holds it under a lease.</summary>
    Running,

    /// <summary>Done.</summary>
    Completed,

    /// <summary>Taken back before or while it ran.</summary>
    Cancelled,

    /// <summary>Cannot succeed; its error stays visible.</summary>
    Failed,
}

/// <summary>A unit of work in the queue.</summary>
public sealed class Job
{
    /// <summary>Row id, rising.</summary>
    public long Id { get; set; }

    /// <summary>The word that picks its handler.</summary>
    public required string Kind { get; set; }

    /// <summary>What the handler needs to know, as JSON.</summary>
    public required string Payload { get; set; }

    /// <summary>Where it stands.</summary>
    public JobState State { get; set; }

    /// <summary>Lower runs first.</summary>
    public int Priority { get; set; }

    /// <summary>Not before (UTC).</summary>
    public DateTimeOffset RunAfter { get; set; }

    /// <summary>At most one job per key runs at a time; those of one key run in the order of priority and id.</summary>
    public string? LockKey { get; set; }

    /// <summary>How often it was taken. Together with the id it is the fencing token: only the newest attempt may write.</summary>
    public int Attempt { get; set; }

    /// <summary>How often it may be taken.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Name of the worker that holds it.</summary>
    public string? LeasedBy { get; set; }

    /// <summary>Until when the worker holds it unless it renews (UTC, by the database's clock).</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>When it was put in (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it reached a final state (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>When somebody asked to cancel it after it had begun (UTC); its holder winds up and ends it.</summary>
    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>Error of the last attempt.</summary>
    public string? Error { get; set; }
}
