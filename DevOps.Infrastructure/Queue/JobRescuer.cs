using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>Makes available again what silent workers held. Every take does so too; this one also works while all slots are busy.</summary>
public sealed class JobRescuer(QueueRoom room, PlatformOptions platform, ILogger<JobRescuer> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (platform.IsWorker && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(QueueRoom.Jittered(room.Options.Lease / 2), room.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RunOnceAsync(stoppingToken);
        }
    }

    private async Task RunOnceAsync(CancellationToken stopping)
    {
        try
        {
            var rescued = await room.Queue.RescueAsync(stopping);
            if (rescued > 0)
            {
                logger.LogWarning("{Count} jobs were taken back from silent workers", rescued);
                room.Signal.Wake();
            }
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            logger.LogWarning("Looking for silent workers failed ({Reason}); trying again", exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The house closes.
        }
    }
}
