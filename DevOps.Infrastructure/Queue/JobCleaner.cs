using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>Deletes jobs that ended long ago, in batches, so that nobody waits behind it.</summary>
public sealed class JobCleaner(JobQueue queue, ILogger<JobCleaner> logger)
{
    private const int Batch = 5000;

    /// <summary>Deletes all there are. Repeatable.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        int batch;
        do
        {
            batch = await queue.PruneAsync(Batch, cancellationToken);
            total += batch;
        }
        while (batch == Batch);
        if (total > 0)
        {
            logger.LogInformation("{Count} finished jobs were pruned", total);
        }

        return total;
    }
}
