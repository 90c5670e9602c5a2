using System.Globalization;
using System.Runtime.CompilerServices;
using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Logs;

/// <summary>Watches the end of a log for a page: how many lines there are, and the last few. What lies between two looks is passed over;
/// a page asks for it by number when someone scrolls there.</summary>
public sealed class LogTail(LogReader reader, LogFeed feed, DatabaseSignals signals, IOptions<LogOptions> options, TimeProvider time)
{
    /// <summary>Most lines that come with a look.</summary>
    public const int Length = 200;

    /// <summary>Yields a first look at once and then one whenever there is something new; a caller that is slow gets fewer.</summary>
    /// <param name="actor">Asked for at every look into the store, so that a right that is taken away counts.</param>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="cancellationToken">Ends the watching.</param>
    /// <exception cref="Core.Refusals.NotFound">There is no such deployment, or the actor may not see it.</exception>
    public async IAsyncEnumerable<LogLook> WatchAsync(Func<Task<Actor>> actor, long deploymentId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var subscription = feed.Subscribe(deploymentId);
        var id = deploymentId.ToString(CultureInfo.InvariantCulture);
        using var otherProcesses = signals.On(LogPublisher.Channel, payload =>
        {
            if (payload is null || string.Equals(payload, id, StringComparison.Ordinal))
            {
                subscription.Nudge();
            }
        });

        long total = -1;
        LogLook? look = await LookAsync(actor, deploymentId, cancellationToken);
        while (true)
        {
            if (look is not null && (look.Total > total || look.Complete))
            {
                total = look.Total;
                yield return look;
                if (look.Complete)
                {
                    yield break;
                }
            }

            var pushes = await subscription.NextAsync(options.Value.SlowPoll, time, cancellationToken);
            look = pushes.Missed || pushes.Batches.Any(b => b.Complete)
                ? await LookAsync(actor, deploymentId, cancellationToken)
                : pushes.Batches.Where(b => b.Lines.Count > 0).Select(Look).LastOrDefault();
        }
    }

    private static LogLook Look(LogBatch batch) => new(batch.Last, [.. batch.Lines.TakeLast(Length)], Complete: false);

    private async Task<LogLook?> LookAsync(Func<Task<Actor>> actor, long deploymentId, CancellationToken cancellationToken)
    {
        try
        {
            var head = await reader.OpenAsync(await actor(), deploymentId, cancellationToken);
            var total = await reader.CountAsync(deploymentId, cancellationToken);
            var lines = await reader.ReadAsync(deploymentId, total - Length + 1, Length, cancellationToken);
            return new LogLook(total, lines, head.Complete);
        }
        catch (Exception exception) when (DatabaseAway.Is(exception) && !cancellationToken.IsCancellationRequested)
        {
            // The next look comes by itself; what is shown stays.
            return null;
        }
    }
}

/// <summary>The end of a log at one moment.</summary>
/// <param name="Total">Number of stored lines.</param>
/// <param name="Last">The last of them.</param>
/// <param name="Complete">Whether no further lines follow.</param>
public sealed record LogLook(long Total, IReadOnlyList<LogLine> Last, bool Complete);
