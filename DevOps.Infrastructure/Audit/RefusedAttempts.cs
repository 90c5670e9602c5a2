using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Audit;

/// <summary>Notes what was refused at the doors: someone signed in who asked for more than they may. The doors call it, one for the HTTP interface and
/// one for pages; verbs need not.</summary>
public sealed class RefusedAttempts(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ILogger<RefusedAttempts> logger)
{
    /// <summary>Notes a refusal. A database that is away costs the note and not the answer.</summary>
    /// <param name="actor">Who asked.</param>
    /// <param name="door">Method and path, or the path of the page.</param>
    /// <param name="refusal">What was said.</param>
    public async Task NoteAsync(Actor actor, string door, Forbidden refusal)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            if (audit.AddRefused(db, actor, "access.refuse", door, refusal.Message))
            {
                await db.SaveChangesAsync(CancellationToken.None);
            }
        }
        catch (Exception e) when (DatabaseAway.Is(e))
        {
            logger.LogWarning("The database is away: the refusal of {Door} to {Actor} is not in the audit log.", door, actor.Name);
        }
    }
}
