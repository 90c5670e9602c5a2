using DevOps.Core.Refusals;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Turns what the database refuses into what a person can act on.</summary>
internal static class Saving
{
    /// <summary>Saves; a name that is taken already becomes a <see cref="Conflict"/>, a row changed meanwhile <see cref="Stale"/>, a row that others point at a <see cref="Conflict"/>.</summary>
    /// <param name="db">The context.</param>
    /// <param name="what">What is saved, such as <c>Project shop</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task SaveAsync(this DevOpsDbContext db, Sentence what, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw new Stale(what);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new Conflict("exists", $"{what} is there already. Choose another name.");
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            throw new Conflict("inUse", $"{what} belongs together with something that was added or removed at the same moment. Read again and repeat the change.");
        }
    }

    /// <summary>Refuses when the row is not the one the caller has read.</summary>
    /// <exception cref="Stale">The revisions differ.</exception>
    public static void DemandRevision(int actual, int? expected, Sentence what)
    {
        if (expected is { } revision && revision != actual)
        {
            throw new Stale(what);
        }
    }
}
