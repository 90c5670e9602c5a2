using Npgsql;

namespace DevOps.Infrastructure.Logs;

/// <summary>Tells a database that is away for a while from a statement that can never succeed.</summary>
internal static class Outage
{
    // Bad data and broken rules (classes 22, 23, 42) stay what they are, however often one tries.
    public static bool Is(Exception exception) => exception switch
    {
        PostgresException { SqlState: [var a, var b, ..] } => (a, b) is not (('2', '2') or ('2', '3') or ('4', '2')),
        NpgsqlException or TimeoutException or IOException => true,
        InvalidOperationException { InnerException: { } inner } => Is(inner),
        _ => false,
    };
}
