using DevOps.Core.Access;
using DevOps.Core.Audit;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Audit;

/// <summary>Writes the audit line of a change into the change's own transaction.</summary>
public sealed class AuditTrail(TimeProvider time)
{
    private const int MaxSummary = 2000;

    /// <summary>Adds a line to the context; it is saved together with the change it tells of.</summary>
    /// <param name="db">The context of the change.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="action">Noun and verb: <c>project.create</c>.</param>
    /// <param name="subject">What it was done to: <c>project/shop</c>.</param>
    /// <param name="summary">A sentence without secrets.</param>
    public void Add(DevOpsDbContext db, Actor actor, string action, string subject, string summary) =>
        db.AuditEntries.Add(new AuditEntry
        {
            At = time.GetUtcNow(),
            Actor = actor.Name,
            Action = action,
            Subject = subject,
            Summary = summary.Length > MaxSummary ? summary[..MaxSummary] : summary,
            Ip = actor.Address,
        });
}
