using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Schedules;

/// <summary>Adds a schedule to a project, or replaces one.</summary>
public sealed class CreateOrChangeSchedule(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Adds a schedule.</summary>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Conflict">There is one of this name (<c>exists</c>).</exception>
    public Task CreateAsync(Actor actor, string projectKey, ScheduleDraft draft, CancellationToken cancellationToken) =>
        RunAsync(actor, projectKey, draft, create: true, expectedRevision: null, cancellationToken);

    /// <summary>Replaces a schedule.</summary>
    /// <exception cref="NotFound">There is no such schedule.</exception>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    public Task ChangeAsync(Actor actor, string projectKey, ScheduleDraft draft, int? expectedRevision, CancellationToken cancellationToken) =>
        RunAsync(actor, projectKey, draft, create: false, expectedRevision, cancellationToken);

    private async Task RunAsync(Actor actor, string projectKey, ScheduleDraft draft, bool create, int? expectedRevision, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, projectKey, Permission.ProjectEdit, cancellationToken);
        var schedule = await db.Schedules.SingleOrDefaultAsync(s => s.ProjectId == project.Id && s.Name == draft.Name, cancellationToken);
        if (!create && schedule is null)
        {
            throw new NotFound("The schedule");
        }

        var now = time.GetUtcNow();
        var environment = await EnvironmentAsync(db, project.Id, draft, now, cancellationToken);
        if (create && schedule is not null)
        {
            throw new Conflict("exists", $"Schedule {draft.Name} is there already. Choose another name.");
        }

        Saving.DemandRevision(schedule?.Revision ?? 0, expectedRevision, $"Schedule {draft.Name}");
        var before = schedule is null ? null : await db.Environments.Where(e => e.Id == schedule.EnvironmentId).Select(e => e.Name).SingleAsync(cancellationToken);
        db.NoteChange("environment", before, draft.Environment);
        schedule ??= db.Schedules.Add(new Schedule { ProjectId = project.Id, Name = draft.Name, Cron = "", TimeZone = "", Revision = 0 }).Entity;
        (schedule.EnvironmentId, schedule.Ref, schedule.Cron, schedule.TimeZone) = (environment, draft.Ref ?? "", draft.Cron.Trim(), draft.TimeZone);
        (schedule.Enabled, schedule.OnlyIfChanged, schedule.ChangedAt) = (draft.Enabled, draft.OnlyIfChanged, now);
        schedule.Revision++;
        audit.Add(
            db, actor, create ? "schedule.create" : "schedule.change", $"schedule/{project.Key}/{draft.Name}",
            $"{(create ? "Created" : "Changed")} schedule {draft.Name} of {project.Key}: {draft.Environment}, {schedule.Cron} ({draft.TimeZone}){(draft.Enabled ? "" : ", off")}.");
        await db.SaveAsync($"Schedule {draft.Name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Schedule, schedule.Id, project.Id));
    }

    private static async Task<long> EnvironmentAsync(DevOpsDbContext db, long projectId, ScheduleDraft draft, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        draft.Check(faults);
        if (draft.Cron is { Length: > 0 and <= 120 } && CronTimes.Fault(draft.Cron, now) is { } fault)
        {
            faults.Add("cron", fault);
        }

        var environment = await db.Environments.Where(e => e.ProjectId == projectId && e.Name == draft.Environment).Select(e => (long?)e.Id).SingleOrDefaultAsync(cancellationToken);
        faults.When(environment is null && Core.Slug.IsValid(draft.Environment), "environment", $"The project has no environment {draft.Environment}.");
        faults.ThrowIfAny();
        return environment!.Value;
    }
}
