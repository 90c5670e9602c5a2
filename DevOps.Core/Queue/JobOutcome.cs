namespace DevOps.Core.Queue;

/// <summary>How a turn of a job ended. The result carries the decision; nobody reads messages to find it.</summary>
public abstract record JobOutcome
{
    private JobOutcome()
    {
    }

    /// <summary>It is done.</summary>
    public static JobOutcome Done { get; } = new Finished();

    /// <summary>It was told to drop what it held (see <see cref="StopReason"/>) and did: cancelled when that was asked for, otherwise handed back
    /// without counting the attempt.</summary>
    public static JobOutcome Interrupted { get; } = new Dropped();

    /// <summary>Once more, not before the given time (UTC). After the last attempt it goes to failed with the error.</summary>
    public static JobOutcome RetryAt(DateTimeOffset at, string error) => new Retry(at, error);

    /// <summary>It can never succeed: failed, with an error that stays visible.</summary>
    public static JobOutcome Discard(string error) => new Refused(error);

    /// <summary>See <see cref="Done"/>.</summary>
    public sealed record Finished : JobOutcome;

    /// <summary>See <see cref="Interrupted"/>.</summary>
    public sealed record Dropped : JobOutcome;

    /// <summary>See <see cref="RetryAt"/>.</summary>
    public sealed record Retry(DateTimeOffset At, string Error) : JobOutcome;

    /// <summary>See <see cref="Discard"/>.</summary>
    public sealed record Refused(string Error) : JobOutcome;
}
