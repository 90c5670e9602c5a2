using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Schedules;

/// <summary>Deletes a schedule. What it asked for stays.</summary>
public sealed class DeleteSchedule(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Deletes it.</summary>
    /// <exception cref="NotFound">There is no such schedule.</exception>
    /// <exception cref="Stale">Someone else changed it.</exception>
    public async Task RunAsync(Actor actor, string projectKey, string name, int? expectedRevision, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectEdit, cancellationToken);
        var schedule = await db.Schedules.SingleOrDefaultAsync(s => s.ProjectId == project.Id && s.Name == name, cancellationToken) ?? throw new NotFound("The schedule");
        Saving.DemandRevision(schedule.Revision, expectedRevision, $"Schedule {name}");
        db.Schedules.Remove(schedule);
        audit.Add(db, actor, "schedule.delete", $"schedule/{project.Key}/{name}", $"Deleted schedule {name} of {project.Key}.");
        await db.SaveAsync($"Schedule {name}", cancellationToken);
        feed.Publish(new Change(ChangeKind.Schedule, schedule.Id, project.Id));
    }
}
