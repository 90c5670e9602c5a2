using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>Makes available again what silent workers held, at the moment the next lease ends: after a crash nobody waits for a poll on top of the lease.
/// Every look for jobs does so too; this one also works while all slots are busy.</summary>
public sealed class JobRescuer(QueueRoom room, PlatformOptions platform, ILogger<JobRescuer> logger) : BackgroundService
{
    // The end of a lease is past a moment after it, and two who look at the same moment do not both come too early.
    private static readonly TimeSpan Shortly = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (platform.IsWorker && !stoppingToken.IsCancellationRequested)
        {
            var pause = await RunOnceAsync(stoppingToken);
            await Task.Delay(pause, room.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns how long to rest. Those who are well renew in time, so the end of a lease that is looked for is mostly moved on by then.
    private async Task<TimeSpan> RunOnceAsync(CancellationToken stopping)
    {
        var rest = QueueRoom.Jittered(room.Options.Lease / 2);
        try
        {
            var rescued = await room.Queue.RescueAsync(stopping);
            if (rescued > 0)
            {
                logger.LogWarning("{Count} jobs were taken back from silent workers", rescued);
                room.Signal.Wake();
            }

            return await room.Queue.NextLeaseEndAsync(stopping) is { } left && left < rest ? left + Shortly : rest;
        }
        catch (Exception exception)
        {
            // When the house closes, the database may be gone already.
            if (!stopping.IsCancellationRequested)
            {
                logger.LogWarning("Looking for silent workers failed ({Reason}); trying again", exception.Message);
            }
        }

        return rest;
    }
}
