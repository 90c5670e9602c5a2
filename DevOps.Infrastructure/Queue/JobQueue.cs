using System.Data;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>The queue: the rows of <c>jobs</c> are the truth, memory only wakes. Any number of processes may use it at once.
/// Everything a holder does is refused (<see langword="false"/>) once the row no longer bears its fence.</summary>
public sealed class JobQueue(NpgsqlDataSource database, JobSignal signal, QueueOptions options)
{
    private const int ClaimTries = 5;
    private const int LongestError = 8000;
    private const int TimeoutSeconds = 10;

    /// <summary>Adds a job in the caller's transaction and saves. After the commit the caller calls <see cref="Wake"/>.</summary>
    public static async Task<Job> EnqueueAsync(DevOpsDbContext db, NewJob job, CancellationToken cancellationToken)
    {
        // The database's clock, not ours: nobody waits because two clocks disagree.
        var now = await db.Database.SqlQuery<DateTimeOffset>($"SELECT now() AS \"Value\"").SingleAsync(cancellationToken);
        var row = new Job
        {
            Kind = job.Kind,
            Payload = job.Payload,
            LockKey = job.LockKey,
            Priority = job.Priority,
            MaxAttempts = job.MaxAttempts,
            CreatedAt = now,
            RunAfter = now + job.Delay,
        };
        db.Jobs.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        return row;
    }

    /// <summary>Wakes the workers of this process at once and those of the others shortly after. Call after the commit.</summary>
    public void Wake() => signal.Wake();

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
            catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected)
            {
                // Somebody took a job of the same key in the same moment; the next look sees it.
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
        AddFence(command, fence, [options.Lease]);
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            null => RenewAnswer.Refused,
            true => RenewAnswer.CancelRequested,
            _ => RenewAnswer.Renewed,
        };
    }

    /// <summary>The job is done.</summary>
    public Task<bool> CompleteAsync(JobFence fence, CancellationToken cancellationToken) =>
        FinishAsync(fence, JobState.Completed, error: null, cancellationToken);

    /// <summary>The job can never succeed.</summary>
    public Task<bool> FailAsync(JobFence fence, string error, CancellationToken cancellationToken) =>
        FinishAsync(fence, JobState.Failed, error, cancellationToken);

    /// <summary>The job was stopped because somebody cancelled it.</summary>
    public Task<bool> EndCancelledAsync(JobFence fence, CancellationToken cancellationToken) =>
        FinishAsync(fence, JobState.Cancelled, error: null, cancellationToken);

    /// <summary>Once more after a pause.</summary>
    public Task<bool> RetryAfterAsync(JobFence fence, TimeSpan pause, string error, CancellationToken cancellationToken) =>
        GuardedAsync(JobSql.Retry, fence, [pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Fit(error)], cancellationToken);

    /// <summary>Hands the job back as it was, without counting the attempt.</summary>
    public Task<bool> ReleaseAsync(JobFence fence, CancellationToken cancellationToken) => GuardedAsync(JobSql.Release, fence, [], cancellationToken);

    /// <summary>Whether the turn still holds its job at this moment.</summary>
    public async Task<bool> IsHeldAsync(JobFence fence, CancellationToken cancellationToken)
    {
        await using var command = Command(JobSql.Held);
        AddFence(command, fence, []);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Makes sure that the turn holds its job until the caller's transaction ends: what is written in it is written by the only holder.</summary>
    /// <exception cref="LeaseLost">It does not hold it any more.</exception>
    public static async Task HoldAsync(DevOpsDbContext db, JobFence fence, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("A fence holds only inside a transaction.");
        }

        var held = await db.Database.SqlQuery<int>(
            $"SELECT 1 AS \"Value\" FROM jobs WHERE id = {fence.Id} AND attempt = {fence.Attempt} AND leased_by = {fence.Worker} AND state = 'running' FOR SHARE")
            .ToListAsync(cancellationToken);
        if (held.Count == 0)
        {
            throw new LeaseLost($"Job {fence.Id} is no longer held by attempt {fence.Attempt} of {fence.Worker}.");
        }
    }

    /// <summary>Cancels a job: at once when it never began, otherwise its holder is told.</summary>
    public async Task<CancelAnswer> CancelAsync(long jobId, CancellationToken cancellationToken)
    {
        await using var command = Command(JobSql.Cancel);
        command.Parameters.AddWithValue(jobId);
        var answer = Answer(await command.ExecuteScalarAsync(cancellationToken));
        WakeHolder(jobId);
        return answer;
    }

    /// <summary>The same in the caller's transaction. After the commit the caller calls <see cref="WakeHolder"/>.</summary>
    public static async Task<CancelAnswer> CancelAsync(DevOpsDbContext db, long jobId, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(JobSql.Cancel, (NpgsqlConnection)db.Database.GetDbConnection());
            command.Transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
            command.Parameters.AddWithValue(jobId);
            return Answer(await command.ExecuteScalarAsync(cancellationToken));
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Tells whoever holds the job, in whatever process, that it was cancelled.</summary>
    public void WakeHolder(long jobId)
    {
        signal.WakeHolder(jobId);
        signal.Wake();
    }

    /// <summary>Makes available again what silent workers held.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RescueAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(JobSql.Rescue);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Deletes a batch of rows that ended long ago.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> PruneAsync(int batch, CancellationToken cancellationToken)
    {
        await using var command = Command(JobSql.Prune);
        command.Parameters.AddWithValue(options.KeepFinished);
        command.Parameters.AddWithValue(options.KeepFailed);
        command.Parameters.AddWithValue(batch);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static CancelAnswer Answer(object? ended) => ended switch
    {
        null => CancelAnswer.TooLate,
        true => CancelAnswer.Cancelled,
        _ => CancelAnswer.Asked,
    };

    private static string? Fit(string? error)
    {
        var text = error?.Replace('\0', ' ');
        return text?.Length > LongestError ? text[..LongestError] : text;
    }

    private static void AddFence(NpgsqlCommand command, JobFence fence, object?[] more)
    {
        foreach (var value in (object?[])[fence.Id, fence.Attempt, fence.Worker, .. more])
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = TimeoutSeconds;
        return command;
    }

    private Task<bool> FinishAsync(JobFence fence, JobState state, string? error, CancellationToken cancellationToken) =>
        GuardedAsync(JobSql.Finish, fence, [Json.Word(state), Fit(error)], cancellationToken);

    private async Task<bool> GuardedAsync(string sql, JobFence fence, object?[] more, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        AddFence(command, fence, more);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<IReadOnlyList<Job>> ClaimOnceAsync(string worker, int count, IReadOnlyCollection<string> kinds, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.Timeout = TimeoutSeconds;
        batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.Rescue));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.Claim)
        {
            Parameters = { new() { Value = worker }, new() { Value = count }, new() { Value = options.Lease }, new() { Value = kinds.ToArray() } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var jobs = new List<Job>(count);
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(JobRow.Read(reader));
        }

        return [.. jobs.OrderBy(j => j.Priority).ThenBy(j => j.Id)];
    }
}
