using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Tells refusals of the database apart, so that others need not know its exceptions.</summary>
public static class DatabaseFault
{
    /// <summary>A row with the same unique value was there first.</summary>
    public static bool IsDuplicate(Exception exception) => Chain(exception).Any(e => e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation });

    /// <summary>The row was changed or deleted since it was read.</summary>
    public static bool IsStale(Exception exception) => Chain(exception).Any(e => e is DbUpdateConcurrencyException);

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
