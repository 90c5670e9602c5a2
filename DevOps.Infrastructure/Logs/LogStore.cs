using System.Runtime.CompilerServices;
using DevOps.Core.Logs;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;
using Npgsql;
using NpgsqlTypes;

namespace DevOps.Infrastructure.Logs;

/// <summary>The statements of the log. Nothing here retries; a database that is away is an exception.</summary>
public sealed class LogStore(NpgsqlDataSource database)
{
    // Locking the job's row orders the insert and a take-over: either the chunk is there before the next holder looks, or it is refused.
    private const string Held = $"""
        WITH held AS MATERIALIZED (SELECT 1 FROM jobs WHERE {JobSql.Mine} FOR SHARE)
        """;

    private const int TimeoutSeconds = 20;

    /// <summary>Stores a chunk. Repeating the very same insert is harmless.</summary>
    /// <exception cref="LogFenceLost">The job belongs to someone else by now, or another writer stored these numbers.</exception>
    public async Task InsertAsync(long deploymentId, JobFence? fence, LogChunkRow chunk, CancellationToken cancellationToken)
    {
        await using var insert = Command(Held + """
             INSERT INTO log_chunks (deployment_id, first_line, count, payload)
             SELECT $4, $5, $6, $7 WHERE $1 IS NULL OR EXISTS (SELECT FROM held)
             ON CONFLICT DO NOTHING
            """);
        AddFence(insert, fence);
        insert.Parameters.AddWithValue(deploymentId);
        insert.Parameters.AddWithValue(chunk.First);
        insert.Parameters.AddWithValue(chunk.Count);
        insert.Parameters.AddWithValue(chunk.Payload);
        if (await insert.ExecuteNonQueryAsync(cancellationToken) == 0 && !await IsStoredAsync(deploymentId, chunk, cancellationToken))
        {
            throw new LogFenceLost(deploymentId);
        }
    }

    /// <summary>Notes that no further lines follow.</summary>
    /// <exception cref="LogFenceLost">The job belongs to someone else by now.</exception>
    public async Task CompleteAsync(long deploymentId, JobFence? fence, CancellationToken cancellationToken)
    {
        await using var update = Command(Held + " UPDATE deployments SET log_complete = true WHERE id = $4 AND ($1 IS NULL OR EXISTS (SELECT FROM held))");
        AddFence(update, fence);
        update.Parameters.AddWithValue(deploymentId);
        if (await update.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new LogFenceLost(deploymentId);
        }
    }

    /// <summary>Number of the last stored line; 0 when there is none.</summary>
    public async Task<long> LastLineAsync(long deploymentId, CancellationToken cancellationToken)
    {
        await using var query = Command("SELECT first_line + count - 1 FROM log_chunks WHERE deployment_id = $1 ORDER BY first_line DESC LIMIT 1");
        query.Parameters.AddWithValue(deploymentId);
        return await query.ExecuteScalarAsync(cancellationToken) is long last ? last : 0;
    }

    /// <summary>Unpacked size of what is stored, in bytes.</summary>
    public async Task<long> SizeAsync(long deploymentId, CancellationToken cancellationToken)
    {
        await using var query = Command($"SELECT substring(payload FROM 1 FOR {LogChunkFormat.HeaderLength}) FROM log_chunks WHERE deployment_id = $1");
        query.Parameters.AddWithValue(deploymentId);
        await using var rows = await query.ExecuteReaderAsync(cancellationToken);
        long size = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            size += LogChunkFormat.BodyLength(rows.GetFieldValue<byte[]>(0));
        }

        return size;
    }

    /// <summary>Reads chunks in order, a few at a time: no connection is held while the caller works on them.</summary>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="from">Number of the first line that is wanted; its chunk comes whole.</param>
    /// <param name="until">Number of the last line that is wanted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<LogChunkRow> ReadAsync(long deploymentId, long from, long until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (from <= until)
        {
            var page = await PageAsync(deploymentId, from, until, cancellationToken);
            foreach (var chunk in page)
            {
                yield return chunk;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            from = page[^1].First + page[^1].Count;
        }
    }

    private async Task<List<LogChunkRow>> PageAsync(long deploymentId, long from, long until, CancellationToken cancellationToken)
    {
        const int ChunksPerPage = 16;
        await using var query = Command($"""
            SELECT first_line, count, payload FROM log_chunks
            WHERE deployment_id = $1 AND first_line <= $3
              AND first_line >= coalesce((SELECT max(first_line) FROM log_chunks WHERE deployment_id = $1 AND first_line <= $2), 0)
              AND first_line + count > $2
            ORDER BY first_line LIMIT {ChunksPerPage}
            """);
        query.Parameters.AddWithValue(deploymentId);
        query.Parameters.AddWithValue(from);
        query.Parameters.AddWithValue(until);
        await using var rows = await query.ExecuteReaderAsync(cancellationToken);
        var page = new List<LogChunkRow>(ChunksPerPage);
        while (await rows.ReadAsync(cancellationToken))
        {
            page.Add(new LogChunkRow(rows.GetInt64(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2)));
        }

        return page;
    }

    private async Task<bool> IsStoredAsync(long deploymentId, LogChunkRow chunk, CancellationToken cancellationToken)
    {
        await using var query = Command("SELECT count = $3 AND payload = $4 FROM log_chunks WHERE deployment_id = $1 AND first_line = $2");
        query.Parameters.AddWithValue(deploymentId);
        query.Parameters.AddWithValue(chunk.First);
        query.Parameters.AddWithValue(chunk.Count);
        query.Parameters.AddWithValue(chunk.Payload);
        return await query.ExecuteScalarAsync(cancellationToken) is true;
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = TimeoutSeconds;
        return command;
    }

    private static void AddFence(NpgsqlCommand command, JobFence? fence)
    {
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = (object?)fence?.Id ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = (object?)fence?.Attempt ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)fence?.Worker ?? DBNull.Value });
    }
}

/// <summary>A row of <c>log_chunks</c>.</summary>
/// <param name="First">Number of its first line.</param>
/// <param name="Count">Number of its lines.</param>
/// <param name="Payload">Its bytes, see <see cref="LogChunkFormat"/>.</param>
public sealed record LogChunkRow(long First, int Count, byte[] Payload)
{
    /// <summary>Its lines from a number on.</summary>
    public IEnumerable<LogLine> Lines(long from = 0) => LogChunkFormat.Decode(Payload, First, Count, from);
}
