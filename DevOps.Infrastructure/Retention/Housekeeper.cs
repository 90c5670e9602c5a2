using DevOps.Core.Pipeline;
using Microsoft.Extensions.Logging;
using Quartz;

namespace DevOps.Infrastructure.Retention;

/// <summary>Goes through all duties on Quartz's call, on workers only. One that fails does not keep the others from theirs; silent unless something was done.</summary>
[DisallowConcurrentExecution]
public sealed class Housekeeper(IEnumerable<IHousekeeping> duties, PlatformOptions platform, ILogger<Housekeeper> logger) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => new(RunAsync(cancellationToken));

    /// <summary>Goes through all duties once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!platform.IsWorker)
        {
            return;
        }

        foreach (var duty in duties)
        {
            await RunAsync(duty, cancellationToken);
        }
    }

    private async Task RunAsync(IHousekeeping duty, CancellationToken cancellationToken)
    {
        try
        {
            var removed = await duty.RunAsync(cancellationToken);
            if (removed > 0)
            {
                logger.LogInformation("Removed {Count} {Subject}", removed, duty.Subject);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (EngineUnavailable away)
        {
            logger.LogInformation("{Subject} are looked at later: {Reason}", duty.Subject, away.Message);
        }
        catch (Exception exception)
        {
            logger.LogWarning(exception, "Removing {Subject} failed; the next round tries again", duty.Subject);
        }
    }
}
