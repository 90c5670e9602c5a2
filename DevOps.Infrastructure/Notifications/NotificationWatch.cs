using System.Threading.Channels;
using DevOps.Core.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Calls <see cref="NotificationDispatch"/> when a deployment changed, and every few seconds in case a word was lost. On workers only.</summary>
public sealed class NotificationWatch(NotificationDispatch dispatch, ChangeFeed feed, PlatformOptions platform, TimeProvider time, ILogger<NotificationWatch> logger) : BackgroundService
{
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(5);

    // Nobody misses a message for that long, and a deployment that begins is left alone by what tells of it.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!platform.IsWorker)
        {
            return;
        }

        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = feed.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.Deployment)
            {
                changed.Writer.TryWrite(true);
            }
        });
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await dispatch.CatchUpAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.LogWarning("Looking for news to send failed ({Reason}); trying again", exception.Message);
            }

            using var slow = new CancellationTokenSource(SlowLook, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, stoppingToken);
            Task heard = changed.Reader.ReadAsync(either.Token).AsTask();
            await heard.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(Gather, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
