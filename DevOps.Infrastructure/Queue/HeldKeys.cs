using DevOps.Core.Queue;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>Holds a lock key of the queue for work that answers at once instead of waiting in the queue. While it is held no job of the key is taken,
/// and it cannot be held while one runs: both are rows of the same table under the same unique index.</summary>
public sealed class HeldKeys(NpgsqlDataSource database, JobQueue queue)
{
    private const string Hold = """
        INSERT INTO jobs (kind, payload, state, priority, run_after, lock_key, attempt, max_attempts, created_at, leased_by, leased_until)
        VALUES ($1, '{}', 'running', 0, now(), $2, 1, 2, now(), $3, now() + $4)
        RETURNING id
        """;

    /// <summary>Takes a key.</summary>
    /// <param name="kind">Kind of the row. Needs a handler that finishes it, for the case that this process dies while it holds the key.</param>
    /// <param name="key">The lock key.</param>
    /// <param name="atMost">When the key is free again in any case.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What to let go afterwards, or null while a job of the key runs.</returns>
    public async Task<JobFence?> TryHoldAsync(string kind, string key, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var holder = $"{kind}-{Guid.NewGuid():N}";
        await using var command = database.CreateCommand(Hold);
        foreach (object value in new object[] { kind, key, holder, atMost })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        try
        {
            return new JobFence((long)(await command.ExecuteScalarAsync(cancellationToken))!, 1, holder);
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    /// <summary>Lets a key go and wakes who waits for it.</summary>
    public async Task LetGoAsync(JobFence held)
    {
        await queue.CompleteAsync(held, CancellationToken.None);
        queue.Wake();
    }
}
