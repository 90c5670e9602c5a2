using DevOps.Core.Queue;

namespace DevOps.Infrastructure.Queue;

/// <summary>What a handler may know and touch during one turn of a job.</summary>
public sealed class JobContext
{
    private readonly JobTurn _turn;

    internal JobContext(JobTurn turn) => _turn = turn;

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

    internal void Lose() => _turn.Stop(StopReason.LeaseLost);
}
