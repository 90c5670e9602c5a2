using System.Data;
using DevOps.Core;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>The queue: the rows of <c>jobs</c> are the truth, memory only wakes. Any number of processes may use it at once.
/// Everything a holder does is refused (<see langword="false"/>) once the row no longer bears its fence.</summary>
public sealed class JobQueue
{
    private const int ClaimTries = 5;
    private const int LongestError = 8000;
    private const int TimeoutSeconds = 10;

    private readonly NpgsqlDataSource _database;
    private readonly JobSignal _signal;
    private readonly QueueOptions _options;
    private readonly JobEndings _endings;

    public JobQueue(NpgsqlDataSource database, JobSignal signal, QueueOptions options)
    {
        (_database, _signal, _options) = (database, signal, options);
        _endings = new JobEndings(database, options.Lease, TimeoutSeconds, (e, cancellationToken) => GuardedAsync(JobSql.Finish, e.Fence, [Json.Word(e.State), e.Error], cancellationToken));
    }

    /// <summary>Adds a job in the caller's transaction, and saves what else the context holds. After the commit the caller calls <see cref="Wake"/>.</summary>
    public static async Task<Job> EnqueueAsync(DevOpsDbContext db, NewJob job, CancellationToken cancellationToken)
    {
        await using var own = db.Database.CurrentTransaction is null && db.ChangeTracker.HasChanges()
            ? await db.Database.BeginTransactionAsync(cancellationToken)
            : null;
        await db.SaveChangesAsync(cancellationToken);
        var row = await HandWrittenSql.OnContextAsync(db, JobSql.Enqueue, [job.Kind, job.Payload, job.Priority, job.Delay, job.LockKey, job.MaxAttempts], async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return JobRow.Read(reader);
        });
        await (own?.CommitAsync(cancellationToken) ?? Task.CompletedTask);
        return row;
    }

    /// <summary>The row of a job that may run at once, under a number drawn before, for a batch that writes it. After the commit the caller calls <see cref="Wake"/>.</summary>
    /// <param name="job">What is asked for, without a delay.</param>
    /// <param name="id">See <see cref="DevOpsDbContext.NextJobId"/>.</param>
    public static Job Row(NewJob job, long id) => job.Delay == TimeSpan.Zero
        ? new Job { Id = id, Kind = job.Kind, Payload = job.Payload, Priority = job.Priority, LockKey = job.LockKey, MaxAttempts = job.MaxAttempts }
        : throw new ArgumentException("A job with a delay is put in by the database's clock.", nameof(job));

    /// <summary>Wakes the workers for jobs of a kind, or of any when none is named: those of this process at once, those of the others shortly after. Call after the commit.</summary>
    public void Wake(string? kind = null) => _signal.Wake(kind);

    /// <summary>The same for a job of a lock key: says nothing while one of that key runs in this process, whose end wakes the workers. Call after the commit.</summary>
    public void WakeFor(string kind, string lockKey) => _signal.WakeFor(kind, lockKey);

    /// <summary>Takes up to <paramref name="count"/> jobs whose time has come, in the order of priority and id, and at most one per lock key.
    /// What silent workers held becomes available again first.</summary>
    public async Task<IReadOnlyList<Job>> ClaimAsync(string worker, int count, IReadOnlyCollection<string> kinds, CancellationToken cancellationToken)
    {
        for (var left = ClaimTries; left > 0; left--)
        {
            try
            {
                return await ClaimOnceAsync(worker, count, kinds, cancellationToken);
            }
            catch (PostgresException exception) when (IsRace(exception))
            {
                // The next look sees it.
            }
        }

        return [];
    }

    /// <summary>Holds on for another lease.</summary>
    /// <param name="fence">The turn.</param>
    /// <param name="connection">The keeper's own, open connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RenewAnswer> RenewAsync(JobFence fence, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(JobSql.Renew, connection) { CommandTimeout = TimeoutSeconds };
        HandWrittenSql.Add(command.Parameters, With(fence, _options.Lease));
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            null => RenewAnswer.Refused,
            true => RenewAnswer.CancelRequested,
            _ => RenewAnswer.Renewed,
        };
    }

    /// <summary>The job is done.</summary>
    public Task<bool> CompleteAsync(JobFence fence, CancellationToken cancellationToken, JobSuccession? next = null) =>
        _endings.WriteAsync(new JobEnding(fence, JobState.Completed, Error: null, next), cancellationToken);

    /// <summary>The job can never succeed.</summary>
    public Task<bool> FailAsync(JobFence fence, string error, CancellationToken cancellationToken, JobSuccession? next = null) =>
        _endings.WriteAsync(new JobEnding(fence, JobState.Failed, Fit(error), next), cancellationToken);

    /// <summary>The job was stopped because somebody cancelled it.</summary>
    public Task<bool> EndCancelledAsync(JobFence fence, CancellationToken cancellationToken, JobSuccession? next = null) =>
        _endings.WriteAsync(new JobEnding(fence, JobState.Cancelled, Error: null, next), cancellationToken);

    /// <summary>Once more after a pause.</summary>
    public Task<bool> RetryAfterAsync(JobFence fence, TimeSpan pause, string error, CancellationToken cancellationToken) =>
        GuardedAsync(JobSql.Retry, fence, [pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Fit(error)], cancellationToken);

    /// <summary>Hands the job back for a while, without counting the attempt; at once when it was nudged since it was taken.</summary>
    public Task<bool> PostponeAsync(Job taken, JobFence fence, TimeSpan pause, bool foremost, CancellationToken cancellationToken) =>
        GuardedAsync(JobSql.Postpone, fence, [pause > TimeSpan.Zero ? pause : TimeSpan.Zero, taken.RunAfter, foremost], cancellationToken);

    /// <summary>Has all jobs of a lock key looked at again now. Call after the commit of what they wait for, or as the first thing in its transaction: a holder
    /// locks its job first and other rows then. Afterwards the caller calls <see cref="Wake"/>.</summary>
    public static Task NudgeAsync(DevOpsDbContext db, string lockKey, CancellationToken cancellationToken) =>
        HandWrittenSql.OnContextAsync(db, JobSql.Nudge, [lockKey], command => command.ExecuteNonQueryAsync(cancellationToken));

    /// <summary>Hands the job back as it was, without counting the attempt.</summary>
    public Task<bool> ReleaseAsync(JobFence fence, CancellationToken cancellationToken) => GuardedAsync(JobSql.Release, fence, [], cancellationToken);

    /// <summary>Makes sure that the turn holds its job until the caller's transaction ends: what is written in it is written by the only holder.</summary>
    /// <exception cref="LeaseLost">It does not hold it any more.</exception>
    public static async Task HoldAsync(DevOpsDbContext db, JobFence fence, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("A fence holds only inside a transaction.");
        }

        if (await HandWrittenSql.OnContextAsync(db, JobSql.Hold, With(fence), command => command.ExecuteScalarAsync(cancellationToken)) is null)
        {
            throw new LeaseLost($"Job {fence.Id} is no longer held by attempt {fence.Attempt} of {fence.Worker}.");
        }
    }

    /// <summary>Lets the lock key of a turn go before its end, in the caller's transaction: whatever it still does may be done beside others.
    /// Nothing happens when the turn does not hold its job any more.</summary>
    public static Task LetKeyGoAsync(DevOpsDbContext db, JobFence fence, CancellationToken cancellationToken) =>
        HandWrittenSql.OnContextAsync(db, JobSql.LetKeyGo, With(fence), command => command.ExecuteNonQueryAsync(cancellationToken));

    /// <summary>Cancels a job: at once when it never began, otherwise its holder is told.</summary>
    public async Task<CancelAnswer> CancelAsync(long jobId, CancellationToken cancellationToken)
    {
        var answer = await OnOwnAsync(
            JobSql.Cancel, [jobId], async command => Answer(await command.ExecuteScalarAsync(cancellationToken)), cancellationToken);
        WakeHolder(jobId);
        return answer;
    }

    /// <summary>The same in the caller's transaction. After the commit the caller calls <see cref="WakeHolder"/>.</summary>
    public static Task<CancelAnswer> CancelAsync(DevOpsDbContext db, long jobId, CancellationToken cancellationToken) =>
        HandWrittenSql.OnContextAsync(db, JobSql.Cancel, [jobId], async command => Answer(await command.ExecuteScalarAsync(cancellationToken)));

    /// <summary>Tells whoever holds the job, in whatever process, that it was cancelled.</summary>
    public void WakeHolder(long jobId)
    {
        _signal.WakeHolder(jobId);
        _signal.Wake();
    }

    /// <summary>Makes available again what silent workers held.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> RescueAsync(CancellationToken cancellationToken) =>
        OnOwnAsync(JobSql.Rescue, [], async command => (int)(await command.ExecuteScalarAsync(cancellationToken))!, cancellationToken);

    /// <summary>How long the lease that ends first still lasts, by the database's clock; null when nothing runs.</summary>
    public Task<TimeSpan?> NextLeaseEndAsync(CancellationToken cancellationToken) => OnOwnAsync(
        JobSql.NextLeaseEnd, [], async command => await command.ExecuteScalarAsync(cancellationToken) is TimeSpan left ? (TimeSpan?)left : null, cancellationToken);

    /// <summary>Deletes a batch of rows that ended long ago.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> PruneAsync(int batch, CancellationToken cancellationToken) => OnOwnAsync(
        JobSql.Prune, [_options.KeepFinished, _options.KeepFailed, batch], command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);

    /// <summary>Whether somebody took a job of the same key in the same moment.</summary>
    internal static bool IsRace(PostgresException exception) => exception.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected;

    private static CancelAnswer Answer(object? ended) => ended switch
    {
        null => CancelAnswer.TooLate,
        true => CancelAnswer.Cancelled,
        _ => CancelAnswer.Asked,
    };

    private static string Fit(string error) => Excerpt.Of(error.Replace('\0', ' '), LongestError);

    private static object?[] With(JobFence fence, params object?[] more) => [fence.Id, fence.Attempt, fence.Worker, .. more];

    private async Task<T> OnOwnAsync<T>(string sql, object?[] values, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        HandWrittenSql.Add(command.Parameters, values);

        // Once per connection of the pool; afterwards the plan is there.
        await command.PrepareAsync(cancellationToken);
        return await run(command);
    }

    private Task<bool> GuardedAsync(string sql, JobFence fence, object?[] more, CancellationToken cancellationToken) =>
        OnOwnAsync(sql, With(fence, more), async command => await command.ExecuteNonQueryAsync(cancellationToken) == 1, cancellationToken);

    private Task<IReadOnlyList<Job>> ClaimOnceAsync(string worker, int count, IReadOnlyCollection<string> kinds, CancellationToken cancellationToken) => OnOwnAsync<IReadOnlyList<Job>>(
        JobSql.EndAndTake,
        JobEndings.Values([], worker, count, _options.Lease, kinds),
        async command =>
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await JobRow.ReadAllAsync(reader, cancellationToken);
        },
        cancellationToken);
}
