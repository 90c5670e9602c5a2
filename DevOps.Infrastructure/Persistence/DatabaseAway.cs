using System.Net.Sockets;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Tells a database that is away (and may come back) from a statement that is wrong (and stays wrong).</summary>
public static class DatabaseAway
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks again for as long as the database is away.</summary>
    /// <param name="ask">The question; it may have been answered, or done, without that being heard.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<T> OutlastAsync<T>(Func<Task<T>> ask, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (Is(e))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>True when the same statement may succeed later without a change.</summary>
    public static bool Is(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is PostgresException refused)
            {
                // Class 57: operator intervention (shutdown, crash, starting up); class 53: no resources; class 08: connection. A standby that is about to take over only reads.
                return refused.SqlState is ['5', '7' or '3', ..] or ['0', '8', ..] or PostgresErrorCodes.ReadOnlySqlTransaction || refused.IsTransient;
            }

            if (e is NpgsqlException { IsTransient: true } or SocketException or EndOfStreamException)
            {
                return true;
            }
        }

        return false;
    }
}
