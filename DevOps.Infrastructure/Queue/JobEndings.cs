using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>Writes down how turns ended. What ends while a statement is on its way waits for the next, which takes all of it: one alone waits for nobody,
/// many share a round trip and a commit. A row that somebody else has locked holds up nobody but its own turn. What follows an answer runs at once, before the
/// next statement, so that those who ended together are free together; it must be short.</summary>
internal sealed class JobEndings(NpgsqlDataSource database, int timeoutSeconds, Func<JobEnding, CancellationToken, Task<bool>> writeAlone)
{
    private readonly Lock _lock = new();
    private List<Waiter> _waiting = [];
    private bool _writing;

    /// <summary>Writes one down.</summary>
    /// <param name="ending">What became of the turn.</param>
    /// <param name="cancellationToken">Gives up waiting. It may be written all the same.</param>
    /// <returns>Whether the turn still held its job.</returns>
    public Task<bool> WriteAsync(JobEnding ending, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(ending, new TaskCompletionSource<bool>());
        lock (_lock)
        {
            _waiting.Add(waiter);
            if (!_writing)
            {
                _writing = true;

                // Behind what is about to end as well.
                _ = Task.Factory.StartNew(WriteAllAsync, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
            }
        }

        return waiter.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task WriteAllAsync()
    {
        while (Next() is { } waiters)
        {
            try
            {
                var written = await WriteTogetherAsync(waiters);
                foreach (var waiter in waiters)
                {
                    if (written.Contains(waiter.Ending.Fence.Id))
                    {
                        waiter.Answer.SetResult(true);
                    }
                    else
                    {
                        _ = WriteAloneAsync(waiter);
                    }
                }
            }
            catch (Exception exception)
            {
                waiters.ForEach(w => w.Answer.TrySetException(exception));
            }
        }
    }

    private List<Waiter>? Next()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _writing = false;
                return null;
            }

            var next = _waiting;
            _waiting = [];
            return next;
        }
    }

    private async Task<HashSet<long>> WriteTogetherAsync(List<Waiter> waiters)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(JobSql.FinishMany, connection) { CommandTimeout = timeoutSeconds };
        HandWrittenSql.Add(command.Parameters, [.. Columns(waiters)]);
        await command.PrepareAsync(CancellationToken.None);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        var written = new HashSet<long>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            written.Add(reader.GetInt64(0));
        }

        return written;
    }

    private static IEnumerable<object> Columns(List<Waiter> waiters) =>
    [
        waiters.Select(w => w.Ending.Fence.Id).ToArray(),
        waiters.Select(w => w.Ending.Fence.Attempt).ToArray(),
        waiters.Select(w => w.Ending.Fence.Worker).ToArray(),
        waiters.Select(w => Json.Word(w.Ending.State)).ToArray(),
        waiters.Select(w => w.Ending.Error).ToArray(),
    ];

    // Locked by somebody, or not ours any more: this waits, and knows.
    private async Task WriteAloneAsync(Waiter waiter)
    {
        try
        {
            waiter.Answer.SetResult(await writeAlone(waiter.Ending, CancellationToken.None));
        }
        catch (Exception exception)
        {
            waiter.Answer.SetException(exception);
        }
    }

    private sealed record Waiter(JobEnding Ending, TaskCompletionSource<bool> Answer);
}

/// <summary>What became of a turn that is not to be repeated.</summary>
/// <param name="Fence">The turn.</param>
/// <param name="State">Final state of its job.</param>
/// <param name="Error">Why, when it failed.</param>
internal sealed record JobEnding(JobFence Fence, JobState State, string? Error);
