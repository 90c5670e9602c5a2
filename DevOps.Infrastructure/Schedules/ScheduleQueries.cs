using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Schedules;

/// <summary>A schedule as it is shown.</summary>
/// <param name="Schedule">The row.</param>
/// <param name="ProjectKey">Key of the project.</param>
/// <param name="ProjectName">Its name for people.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Next">When it is due next, soonest first (UTC); none while it is switched off.</param>
public sealed record ScheduleView(Schedule Schedule, string ProjectKey, string ProjectName, string Environment, IReadOnlyList<DateTimeOffset> Next);

/// <summary>Reads schedules.</summary>
public sealed class ScheduleQueries(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    private const int Shown = 10;

    /// <summary>All schedules of a project, by name.</summary>
    /// <exception cref="NotFound">The project is not there, or the actor may not see it.</exception>
    public async Task<IReadOnlyList<ScheduleView>> ListAsync(Actor actor, string projectKey, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        return await ViewAsync(db, db.Schedules.Where(s => s.ProjectId == project.Id), cancellationToken);
    }

    /// <summary>All schedules that the actor may see, by project and name.</summary>
    public async Task<IReadOnlyList<ScheduleView>> ListAllAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var visible = actor.VisibleProjects;
        return await ViewAsync(db, db.Schedules.Where(s => visible == null || visible.Contains(s.ProjectId)), cancellationToken);
    }

    /// <summary>One schedule.</summary>
    /// <exception cref="NotFound">It is not there, or the actor may not see its project.</exception>
    public async Task<ScheduleView> GetAsync(Actor actor, string projectKey, string name, CancellationToken cancellationToken) =>
        (await ListAsync(actor, projectKey, cancellationToken)).FirstOrDefault(v => string.Equals(v.Schedule.Name, name, StringComparison.Ordinal)) ?? throw new NotFound("The schedule");

    private async Task<IReadOnlyList<ScheduleView>> ViewAsync(DevOpsDbContext db, IQueryable<Schedule> schedules, CancellationToken cancellationToken)
    {
        var rows = await (
            from s in schedules.AsNoTracking()
            join p in db.Projects on s.ProjectId equals p.Id
            join e in db.Environments on s.EnvironmentId equals e.Id
            orderby p.Key, s.Name
            select new { Schedule = s, p.Key, p.Name, Environment = e.Name }).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new ScheduleView(r.Schedule, r.Key, r.Name, r.Environment, [.. NextOf(r.Schedule)]))];
    }

    private IEnumerable<DateTimeOffset> NextOf(Schedule schedule)
    {
        DateTimeOffset? at = time.GetUtcNow();
        for (var i = 0; i < Shown && schedule.Enabled; i++)
        {
            at = CronTimes.Next(schedule.Cron, schedule.TimeZone, at.Value);
            if (at is null)
            {
                yield break;
            }

            yield return at.Value;
        }
    }
}
