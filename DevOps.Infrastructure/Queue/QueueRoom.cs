using DevOps.Core.Queue;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>What the servants of the queue work with.</summary>
public sealed record QueueRoom(NpgsqlDataSource Database, JobQueue Queue, JobSignal Signal, QueueOptions Options, TimeProvider Time)
{
    /// <summary>When a failed turn is tried again.</summary>
    internal RetryPolicy Retry { get; } = new(Time, Random.Shared);

    /// <summary>The time, a fifth more or less, so that processes do not all come at once.</summary>
    internal static TimeSpan Jittered(TimeSpan time) => time * (0.8 + (0.4 * Random.Shared.NextDouble()));
}
