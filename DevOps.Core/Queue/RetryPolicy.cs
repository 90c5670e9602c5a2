namespace DevOps.Core.Queue;

/// <summary>When a job that failed may be tried again: doubling pauses with jitter, so that many that failed together do not come back together.</summary>
/// <param name="time">The clock.</param>
/// <param name="random">Source of the jitter.</param>
public sealed class RetryPolicy(TimeProvider time, Random random)
{
    private const double JitterShare = 0.2;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    /// <summary>No pause is longer than this, jitter included.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Time of the next try (UTC) after the given attempt (the first is 1) failed.</summary>
    public DateTimeOffset NextTry(int attempt) => time.GetUtcNow() + Pause(attempt);

    /// <summary>Length of the pause after the given attempt (the first is 1).</summary>
    public TimeSpan Pause(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        var seconds = First.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 30));
        var jitter = 1 + (JitterShare * ((2 * random.NextDouble()) - 1));
        return TimeSpan.FromSeconds(Math.Min(seconds * jitter, Longest.TotalSeconds));
    }
}
