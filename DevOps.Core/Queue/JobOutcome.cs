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

    /// <summary>Handed back without counting the attempt: it has to wait for a time (UTC) or for a person, whose word brings it back sooner.
    /// It keeps its place among those of its lock key.</summary>
    /// <param name="at">When it is looked at again.</param>
    /// <param name="foremost">Whether it goes before all others of its key from now on: it has begun, so nothing may overtake it.</param>
    public static JobOutcome PostponeTo(DateTimeOffset at, bool foremost) => new Postponed(at, foremost);

    /// <summary>It can never succeed: failed, with an error that stays visible.</summary>
    public static JobOutcome Discard(string error) => new Refused(error);

    /// <summary>See <see cref="Done"/>.</summary>
    public sealed record Finished : JobOutcome;

    /// <summary>See <see cref="Interrupted"/>.</summary>
    public sealed record Dropped : JobOutcome;

    /// <summary>See <see cref="RetryAt"/>.</summary>
    public sealed record Retry(DateTimeOffset At, string Error) : JobOutcome;

    /// <summary>See <see cref="PostponeTo"/>.</summary>
    public sealed record Postponed(DateTimeOffset At, bool Foremost) : JobOutcome;

    /// <summary>See <see cref="Discard"/>.</summary>
    public sealed record Refused(string Error) : JobOutcome;
}
