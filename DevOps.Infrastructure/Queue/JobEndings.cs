using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>Writes down how turns ended, and takes what runs in their slots next. What ends while a statement is on its way waits for the next, which takes all of it:
/// one alone waits for nobody, many share a round trip and a commit. A row that somebody else has locked holds up nobody but its own turn. What follows an answer
/// runs at once, before the next statement; it must be short.</summary>
internal sealed class JobEndings(NpgsqlDataSource database, TimeSpan lease, int timeoutSeconds, Func<JobEnding, CancellationToken, Task<bool>> writeAlone)
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
        bool begin;
        lock (_lock)
        {
            _waiting.Add(waiter);
            begin = !_writing;
            _writing = true;
        }

        if (begin)
        {
            _ = WriteAllAsync();
        }

        return waiter.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task WriteAllAsync()
    {
        while (await NextAsync() is { } waiters)
        {
            try
            {
                var written = await WriteAndTakeAsync(waiters);
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

    private async Task<List<Waiter>?> NextAsync()
    {
        // What is about to end in this moment comes along.
        await FairTurn.WaitAsync();
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

    private async Task<HashSet<long>> WriteAndTakeAsync(List<Waiter> waiters)
    {
        List<Take> takes = [.. waiters.GroupBy(w => w.Ending.Next).Select(g => Ask(g.Key, g.Count())).OfType<Take>()];
        HashSet<long> written;
        try
        {
            written = await WriteTogetherAsync(waiters, takes);
        }
        catch (PostgresException exception) when (takes.Count > 0 && JobQueue.IsRace(exception))
        {
            // The ends are written all the same; who wants a job looks for it alone.
            return await WriteTogetherAsync(waiters, []);
        }

        // Before the answers: no slot that has been passed on looks free.
        foreach (var take in takes)
        {
            await take.For.GiveAsync(take.Jobs, take.AskedAt);
        }

        return written;
    }

    private static Take? Ask(JobSuccession? next, int count) => next?.Ask() is { } askedAt ? new Take(next, count, askedAt) : null;

    private async Task<HashSet<long>> WriteTogetherAsync(List<Waiter> waiters, List<Take> takes)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var batch = new NpgsqlBatch(connection) { Timeout = timeoutSeconds };
        Add(batch, JobSql.FinishMany, [.. Columns(waiters)]);
        takes.ForEach(t => Add(batch, JobSql.Claim, [t.For.Worker, t.Count, lease, t.For.Kinds.ToArray()]));
        await batch.PrepareAsync(CancellationToken.None);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var written = new HashSet<long>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            written.Add(reader.GetInt64(0));
        }

        foreach (var take in takes)
        {
            await reader.NextResultAsync(CancellationToken.None);
            take.Jobs = await JobRow.ReadAllAsync(reader, CancellationToken.None);
        }

        // To the word that all of it is committed.
        await reader.NextResultAsync(CancellationToken.None);
        return written;
    }

    private static void Add(NpgsqlBatch batch, string sql, object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        HandWrittenSql.Add(command.Parameters, values);
        batch.BatchCommands.Add(command);
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

    private sealed record Take(JobSuccession For, int Count, long AskedAt)
    {
        public IReadOnlyList<Job> Jobs { get; set; } = [];
    }
}

/// <summary>What became of a turn that is not to be repeated.</summary>
/// <param name="Fence">The turn.</param>
/// <param name="State">Final state of its job.</param>
/// <param name="Error">Why, when it failed.</param>
/// <param name="Next">Who takes over its slot.</param>
internal sealed record JobEnding(JobFence Fence, JobState State, string? Error, JobSuccession? Next);
