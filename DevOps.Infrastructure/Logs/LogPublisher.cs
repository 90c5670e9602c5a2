using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Logs;

/// <summary>Tells followers of stored lines: those of this process by the feed, the other processes by a word, at most ten times a second.</summary>
public sealed class LogPublisher(LogFeed feed, DatabaseSignals signals, TimeProvider time)
{
    /// <summary>The channel of <see cref="DatabaseSignals"/>; the payload is the deployment's id.</summary>
    public const string Channel = "log";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<long, byte> _due = new();
    private int _telling;

    /// <summary>Publishes a batch after its commit. Never waits.</summary>
    public void Publish(LogBatch batch)
    {
        feed.Publish(batch);
        _due[batch.DeploymentId] = 0;
        if (Interlocked.CompareExchange(ref _telling, 1, 0) == 0)
        {
            Telling = TellAsync();
        }
    }

    /// <summary>The telling that is under way, or the last one.</summary>
    public Task Telling { get; private set; } = Task.CompletedTask;

    private async Task TellAsync()
    {
        do
        {
            while (!_due.IsEmpty)
            {
                foreach (var id in _due.Keys)
                {
                    _due.TryRemove(id, out _);
                    await signals.NotifyAsync(Channel, id.ToString(CultureInfo.InvariantCulture));
                }

                await Task.Delay(Pause, time);
            }

            Volatile.Write(ref _telling, 0);
        }
        while (!_due.IsEmpty && Interlocked.CompareExchange(ref _telling, 1, 0) == 0);
    }
}
