namespace DevOps.Infrastructure.Queue;

/// <summary>Times of the queue. Section <c>DevOps:Queue</c> of the configuration.</summary>
public sealed class QueueOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "DevOps:Queue";

    /// <summary>How long a worker holds a job without renewing.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often it renews.</summary>
    public TimeSpan Renew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long before the end of its lease a holder that cannot renew stops, so that it is gone when the next one begins.</summary>
    public TimeSpan Margin { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a worker looks for jobs when nobody wakes it (jittered by a fifth).</summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time that running jobs get to finish when the process is asked to stop.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time that interrupted jobs get to return before the process leaves them to their lease.</summary>
    public TimeSpan LastWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long completed and cancelled jobs are kept.</summary>
    public TimeSpan KeepFinished { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long failed jobs stay visible.</summary>
    public TimeSpan KeepFailed { get; set; } = TimeSpan.FromDays(90);
}
