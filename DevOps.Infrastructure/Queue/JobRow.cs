using System.Data.Common;
using DevOps.Core.Queue;

namespace DevOps.Infrastructure.Queue;

/// <summary>Reads a row as <see cref="JobSql.EndAndTake"/> returns it.</summary>
internal static class JobRow
{
    /// <summary>Reads all rows of the present result, and orders them by priority and id.</summary>
    public static async Task<IReadOnlyList<Job>> ReadAllAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var jobs = new List<Job>();
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(Read(reader));
        }

        return [.. jobs.OrderBy(j => j.Priority).ThenBy(j => j.Id)];
    }

    public static Job Read(DbDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        Kind = reader.GetString(1),
        Payload = reader.GetString(2),
        State = Enum.Parse<JobState>(reader.GetString(3), ignoreCase: true),
        Priority = reader.GetInt32(4),
        RunAfter = reader.GetFieldValue<DateTimeOffset>(5),
        LockKey = Optional<string>(reader, 6),
        Attempt = reader.GetInt32(7),
        MaxAttempts = reader.GetInt32(8),
        LeasedBy = Optional<string>(reader, 9),
        LeasedUntil = Optional<DateTimeOffset?>(reader, 10),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(11),
        FinishedAt = Optional<DateTimeOffset?>(reader, 12),
        CancelRequestedAt = Optional<DateTimeOffset?>(reader, 13),
        Error = Optional<string>(reader, 14),
    };

    private static T? Optional<T>(DbDataReader reader, int column) => reader.IsDBNull(column) ? default : reader.GetFieldValue<T>(column);
}
