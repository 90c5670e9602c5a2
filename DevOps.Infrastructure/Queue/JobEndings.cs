using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>Writes down how turns ended, and takes what runs in their slots next. What ends while a statement is on its way waits for the next, which takes all of it:
/// one alone waits for nobody, many share a statement and a commit. A row that somebody else has locked holds up nobody but its own turn. What follows an answer
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
        List<Slots> all = [.. waiters.GroupBy(w => w.Ending.Next).Select(g => new Slots([.. g.Select(w => w.Ending)], g.Key, g.Key?.Ask()))];
        HashSet<long> written;
        try
        {
            written = await WriteTogetherAsync(all);
        }
        catch (PostgresException exception) when (all.Exists(s => s.AskedAt is not null) && JobQueue.IsRace(exception))
        {
            // The ends are written all the same; who wants a job looks for it alone.
            return await WriteTogetherAsync(all.ConvertAll(s => s with { AskedAt = null }));
        }

        // Before the answers: no slot that has been passed on looks free.
        foreach (var slots in all)
        {
            await slots.PassOnAsync();
        }

        return written;
    }

    private async Task<HashSet<long>> WriteTogetherAsync(List<Slots> all)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var batch = new NpgsqlBatch(connection) { Timeout = timeoutSeconds };
        foreach (var slots in all)
        {
            var command = new NpgsqlBatchCommand(JobSql.EndAndTake);
            HandWrittenSql.Add(command.Parameters, slots.Values(lease));
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync(CancellationToken.None);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var written = new HashSet<long>();
        foreach (var slots in all)
        {
            var changed = await JobRow.ReadAllAsync(reader, CancellationToken.None);
            slots.Taken.AddRange(changed.Where(j => j.State == JobState.Running));
            written.UnionWith(changed.Where(j => j.State != JobState.Running).Select(j => j.Id));

            // At last to the word that all of it is committed.
            await reader.NextResultAsync(CancellationToken.None);
        }

        return written;
    }

    /// <summary>Values for <see cref="JobSql.EndAndTake"/>.</summary>
    public static object?[] Values(IReadOnlyCollection<JobEnding> endings, string worker, int count, TimeSpan lease, IReadOnlyCollection<string> kinds) =>
    [
        endings.Select(e => e.Fence.Id).ToArray(),
        endings.Select(e => e.Fence.Attempt).ToArray(),
        endings.Select(e => e.Fence.Worker).ToArray(),
        endings.Select(e => Json.Word(e.State)).ToArray(),
        endings.Select(e => e.Error).ToArray(),
        worker,
        count,
        lease,
        kinds.ToArray(),
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

    /// <summary>Slots whose turns end, who takes them over, and when that was asked: never when nothing is wanted.</summary>
    private sealed record Slots(IReadOnlyCollection<JobEnding> Endings, JobSuccession? Next, long? AskedAt)
    {
        public List<Job> Taken { get; } = [];

        public object?[] Values(TimeSpan lease) => Next is not null && AskedAt is not null
            ? JobEndings.Values(Endings, Next.Worker, Endings.Count, lease, Next.Kinds)
            : JobEndings.Values(Endings, "", 0, lease, []);

        public Task PassOnAsync() => Next is not null && AskedAt is { } askedAt ? Next.GiveAsync(Taken, askedAt) : Task.CompletedTask;
    }
}

/// <summary>What became of a turn that is not to be repeated.</summary>
/// <param name="Fence">The turn.</param>
/// <param name="State">Final state of its job.</param>
/// <param name="Error">Why, when it failed.</param>
/// <param name="Next">Who takes over its slot.</param>
internal sealed record JobEnding(JobFence Fence, JobState State, string? Error, JobSuccession? Next);
