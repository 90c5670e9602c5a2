using DevOps.Core.Queue;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>One turn of a job in this process: the token that ends it and the reason, of which the first stays.</summary>
internal sealed class JobTurn : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger;
    private int _reason;

    public JobTurn(Job job, string worker, ILogger logger)
    {
        (Job, Fence, _logger) = (job, new JobFence(job.Id, job.Attempt, worker), logger);
        Stopping = _stopping.Token;
    }

    public Job Job { get; }

    public JobFence Fence { get; }

    /// <summary>Stays readable after the turn: a handler's leftovers may still look at it.</summary>
    public CancellationToken Stopping { get; }

    public StopReason Reason => (StopReason)Volatile.Read(ref _reason);

    public void Stop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)StopReason.None) != (int)StopReason.None)
        {
            return;
        }

        try
        {
            _stopping.Cancel();
        }
        catch (AggregateException exception)
        {
            // What a handler hung on the token failed; the turn is told to stop all the same.
            _logger.LogError(exception, "Stopping job {Job} ({Reason}) met a failing callback", Job.Id, reason);
        }
    }

    public void Dispose() => _stopping.Dispose();
}
