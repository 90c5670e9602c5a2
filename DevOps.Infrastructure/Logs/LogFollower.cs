using System.Globalization;
using System.Runtime.CompilerServices;
using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Logs;

/// <summary>Follows a log from a line on: first what is stored, then what is pushed, nothing lost and nothing twice, whichever process writes it.</summary>
public sealed class LogFollower(LogReader reader, LogFeed feed, DatabaseSignals signals, IOptions<LogOptions> options, TimeProvider time)
{
    /// <summary>Yields batches in order until the log is complete.</summary>
    /// <param name="actor">Who reads; asked again at every look into the store, so that a right that is taken away ends the following.</param>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="from">Number of the first line that is wanted.</param>
    /// <param name="cancellationToken">Ends the following.</param>
    /// <exception cref="Core.Refusals.NotFound">There is no such deployment, or the actor may not see it.</exception>
    public async IAsyncEnumerable<LogBatch> FollowAsync(Actor actor, long deploymentId, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
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

        var next = Math.Max(1, from);
        var look = true;
        while (true)
        {
            if (look)
            {
                // The head before the rows: a log that is complete now has all its rows stored.
                var head = await PatientlyAsync(() => reader.OpenAsync(actor, deploymentId, cancellationToken), cancellationToken);
                await foreach (var batch in StoredAsync(deploymentId, next, cancellationToken))
                {
                    next = batch.Last + 1;
                    yield return batch;
                }

                if (head.Complete)
                {
                    yield return new LogBatch(deploymentId, [], Complete: true);
                    yield break;
                }
            }

            var pushes = await subscription.NextAsync(options.Value.SlowPoll, time, cancellationToken);
            look = pushes.Missed;
            foreach (var batch in pushes.Batches)
            {
                if (batch.Complete || batch.First > next)
                {
                    look = true;
                    break;
                }

                if (batch.Last >= next)
                {
                    var fresh = batch.First == next ? batch : batch with { Lines = [.. batch.Lines.SkipWhile(l => l.N < next)] };
                    next = batch.Last + 1;
                    yield return fresh;
                }
            }
        }
    }

    private async IAsyncEnumerable<LogBatch> StoredAsync(long deploymentId, long next, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var first = next;
            var lines = await PatientlyAsync(() => reader.NextAsync(deploymentId, first, cancellationToken), cancellationToken);
            if (lines.Count == 0)
            {
                yield break;
            }

            next = lines[^1].N + 1;
            yield return new LogBatch(deploymentId, lines, Complete: false);
        }
    }

    // A database that is away is waited for: the follower goes on where it was.
    private async Task<T> PatientlyAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await read();
            }
            catch (Exception exception) when (DatabaseAway.Is(exception) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(options.Value.SlowPoll, time, cancellationToken);
            }
        }
    }
}
