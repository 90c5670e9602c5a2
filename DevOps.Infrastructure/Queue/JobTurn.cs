using DevOps.Core.Queue;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>One turn of a job in this process: the token that ends it and the reason, of which the first stays.</summary>
internal sealed class JobTurn(Job job, string worker, ILogger logger) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private int _reason;

    public Job Job => job;

    public JobFence Fence { get; } = new(job.Id, job.Attempt, worker);

    public CancellationToken Stopping => _stopping.Token;

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
            logger.LogError(exception, "Stopping job {Job} ({Reason}) met a failing callback", job.Id, reason);
        }
    }

    public void Dispose() => _stopping.Dispose();
}
