using DevOps.Core.Queue;

namespace DevOps.Infrastructure.Queue;

/// <summary>What a handler may know and touch during one turn of a job.</summary>
public sealed class JobContext
{
    private readonly JobQueue _queue;
    private readonly JobTurn _turn;

    internal JobContext(JobQueue queue, JobTurn turn)
    {
        _queue = queue;
        _turn = turn;
    }

    /// <summary>The job as it was taken.</summary>
    public Job Job => _turn.Job;

    /// <summary>What a guarded write compares with, see <see cref="JobQueue.HoldAsync"/>.</summary>
    public JobFence Fence => _turn.Fence;

    /// <summary>Fires when the handler must drop what it holds now; <see cref="Reason"/> says why. Not fired by the mere wish to stop: there is time of grace.</summary>
    public CancellationToken Stopping => _turn.Stopping;

    /// <summary>Why <see cref="Stopping"/> fired.</summary>
    public StopReason Reason => _turn.Reason;

    /// <summary>Whether a failure of this turn is final.</summary>
    public bool IsLastAttempt => Job.Attempt >= Job.MaxAttempts;

    /// <summary>Asks the database whether this turn still holds the job. For writes use <see cref="JobQueue.HoldAsync"/>, which also keeps it so.</summary>
    public Task<bool> StillMineAsync(CancellationToken cancellationToken) => _queue.IsHeldAsync(Fence, cancellationToken);

    internal void Lose() => _turn.Stop(StopReason.LeaseLost);
}
