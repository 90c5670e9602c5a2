using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Insights;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Insights;

/// <summary>Reads the first page: what happens now in four statements, figures of two weeks in two.</summary>
public sealed class DashboardQueries(IDbContextFactory<DevOpsDbContext> contexts, WaitingWords waits, TimeProvider time)
{
    private const int MostWaiting = 20;
    private const int MostProjects = 6;
    private const long LittleDisk = 2L * 1024 * 1024 * 1024;

    /// <summary>What happens now, as far as the actor may see it.</summary>
    public async Task<DashboardNow> NowAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var open = await OpenAsync(db, actor, cancellationToken);
        var waiting = open.Where(o => StatusOf(o.Status) != DeploymentStatus.Running).Take(MostWaiting).Select(o => new WaitingDeployment(
            o.Id, o.Project, o.Environment, StatusOf(o.Status), o.RequestedBy, o.CreatedAt,
            StatusOf(o.Status) == DeploymentStatus.PendingApproval && ApprovalDesk.MayDecide(actor, o.ProjectId, Enum.Parse<Role>(o.ApprovalRole, ignoreCase: true), o.RequestedBy)));
        var paused = await PausedAsync(db, [.. open.Where(o => o.Paused).Select(o => o.Id)], cancellationToken);
        var running = open.Where(o => StatusOf(o.Status) == DeploymentStatus.Running).Select(o => new RunningDeployment(
            o.Id, o.Project, o.Environment, o.StartedAt ?? o.CreatedAt, o.Step is { } step ? Enum.Parse<StepName>(step, ignoreCase: true) : null, o.Steps == 0 ? 0 : o.Done / (double)o.Steps,
            o.Usual is { } usual ? TimeSpan.FromSeconds(usual) : null, paused.GetValueOrDefault(o.Id), o.Asks && actor.May(Permission.DeploymentControl, o.ProjectId)));
        return new DashboardNow([.. running], [.. waiting], await MatrixAsync(db, actor, cancellationToken), await TroublesAsync(db, actor, cancellationToken));
    }

    /// <summary>Figures of the last two weeks, as far as the actor may see them.</summary>
    public async Task<DashboardFigures> FiguresAsync(Actor actor, CancellationToken cancellationToken)
    {
        var to = time.GetUtcNow();
        var from = to.Date.AddDays(-13);
        var middle = to.AddDays(-7);
        var start = new DateTimeOffset(from, TimeSpan.Zero) < to.AddDays(-14) ? new DateTimeOffset(from, TimeSpan.Zero) : to.AddDays(-14);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var facts = await InsightFacts.ReadAsync(db, actor, null, start, to, cancellationToken);
        var week = facts.FindAll(f => f.FinishedAt >= middle);
        var earlier = facts.FindAll(f => f.FinishedAt < middle);
        var none = new Dictionary<long, EnvironmentBefore>();
        var days = DeliveryReport.Of(facts.FindAll(f => f.FinishedAt.UtcDateTime >= from), none, new DateTimeOffset(from, TimeSpan.Zero), to).Days;
        return new DashboardFigures(
            days,
            DeliveryReport.Of(week, AtTheEndOf(earlier), middle, to),
            DeliveryReport.Of(earlier, none, start, middle),
            await ProjectsAsync(db, week, cancellationToken));
    }

    private static DeploymentStatus StatusOf(string word) => Enum.Parse<DeploymentStatus>(word, ignoreCase: true);

    // What the second week begins with is what the first ended with: no further question to the database.
    private static Dictionary<long, EnvironmentBefore> AtTheEndOf(List<DeploymentFact> facts)
    {
        var before = new Dictionary<long, EnvironmentBefore>();
        foreach (var fact in facts)
        {
            var known = before.GetValueOrDefault(fact.EnvironmentId) ?? new EnvironmentBefore(null, null);
            before[fact.EnvironmentId] = fact.Status switch
            {
                DeploymentStatus.Succeeded => new EnvironmentBefore(Math.Max(known.Release ?? 0, fact.Release ?? 0), null),
                DeploymentStatus.Failed => known with { FailedAt = known.FailedAt ?? fact.FinishedAt },
                _ => known,
            };
        }

        return before;
    }

    // What stopped on its way for a person or a time, with why.
    private async Task<Dictionary<long, Sentence?>> PausedAsync(DevOpsDbContext db, List<long> ids, CancellationToken cancellationToken)
    {
        var words = new Dictionary<long, Sentence?>();
        foreach (var deployment in ids.Count == 0 ? [] : await db.Deployments.AsNoTracking().Where(d => ids.Contains(d.Id)).ToListAsync(cancellationToken))
        {
            words[deployment.Id] = await waits.OfAsync(db, deployment, cancellationToken);
        }

        return words;
    }

    private async Task<List<OpenRow>> OpenAsync(DevOpsDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var all = actor.VisibleProjects is null;
        var visible = actor.VisibleProjects?.ToArray() ?? [];
        return await db.Database.SqlQuery<OpenRow>(
            $"""
            SELECT d.id AS "Id", d.project_id AS "ProjectId", d.pause <> 'none' AS "Asks", (d.pause <> 'none' OR coalesce(d.soak_until > {now}, false)) AS "Paused", p.name AS "Project", e.name AS "Environment", d.status AS "Status", d.requested_by AS "RequestedBy", d.approval_role AS "ApprovalRole",
                d.created_at AS "CreatedAt", d.started_at AS "StartedAt", steps.step AS "Step", coalesce(steps.done, 0) AS "Done", coalesce(steps.steps, 0) AS "Steps", usual.seconds AS "Usual"
            FROM deployments d
            JOIN projects p ON p.id = d.project_id
            JOIN environments e ON e.id = d.environment_id
            LEFT JOIN LATERAL (
                SELECT count(*) FILTER (WHERE s.status NOT IN ('pending', 'running'))::int AS done, count(*)::int AS steps, max(s.name) FILTER (WHERE s.status = 'running') AS step
                FROM deployment_steps s WHERE s.deployment_id = d.id AND d.status = 'running') steps ON true
            LEFT JOIN LATERAL (
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM l.finished_at - l.started_at)::float8) AS seconds
                FROM (SELECT o.finished_at, o.started_at FROM deployments o WHERE o.environment_id = d.environment_id AND o.status = 'succeeded' AND d.status = 'running'
                      ORDER BY o.finished_at DESC LIMIT 10) l) usual ON true
            WHERE d.status IN ('pendingApproval', 'queued', 'running') AND ({all} OR d.project_id = ANY ({visible}))
            ORDER BY d.id
            LIMIT 200
            """).ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<MatrixProject>> MatrixAsync(DevOpsDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var all = actor.VisibleProjects is null;
        var visible = actor.VisibleProjects?.ToArray() ?? [];
        var rows = await db.Database.SqlQuery<CellRow>(
            $"""
            SELECT p.id AS "ProjectId", p.key AS "Key", p.name AS "Name", e.name AS "Environment", a.release AS "Release", a.since AS "Since", a.healthy AS "Healthy",
                coalesce(a.drifted, false) AS "Drifted", n.id AS "NewestId", n.status AS "NewestStatus", n.requested_by AS "NewestBy", coalesce(n.paused, false) AS "NewestPaused", coalesce(n.finished_at, n.created_at) AS "NewestAt"
            FROM projects p
            JOIN environments e ON e.project_id = p.id
            LEFT JOIN LATERAL (
                SELECT (array_agg(x.release ORDER BY x.activated_at DESC))[1] AS release, max(x.activated_at) AS since,
                    CASE WHEN bool_or(x.healthy IS FALSE) THEN false WHEN bool_and(x.healthy IS TRUE) THEN true END AS healthy,
                    bool_or(x.observed_at > x.activated_at AND x.observed_release IS DISTINCT FROM x.release) AS drifted
                FROM applications x WHERE x.environment_id = e.id) a ON true
            LEFT JOIN LATERAL (
                SELECT d.id, d.status, d.requested_by, d.finished_at, d.created_at, d.status = 'running' AND (d.pause <> 'none' OR coalesce(d.soak_until > {now}, false)) AS paused
                FROM deployments d WHERE d.environment_id = e.id ORDER BY d.id DESC LIMIT 1) n ON true
            WHERE {all} OR p.id = ANY ({visible})
            ORDER BY p.name, p.id, e.position, e.name
            """).ToListAsync(cancellationToken);
        return [.. rows.GroupBy(r => r.ProjectId).Select(g => new MatrixProject(g.First().Key, g.First().Name, actor.May(Permission.Deploy, g.Key), Cells([.. g])))];
    }

    private static List<MatrixCell> Cells(List<CellRow> rows) => [.. rows.Select((r, i) => new MatrixCell(
        r.Environment,
        r.Release,
        r.Since,
        r.Healthy,
        r.Drifted,
        i > 0 && r.Release is { } mine && rows[i - 1].Release is { } ahead ? Math.Max(0, ahead - mine) : 0,
        r.NewestId,
        r.NewestStatus is { } status ? StatusOf(status) : null,
        r.NewestPaused,
        r.NewestBy,
        r.NewestAt))];

    private static async Task<IReadOnlyList<Server>> TroublesAsync(DevOpsDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permission.ServerRead))
        {
            return [];
        }

        var checkedOnes = await db.Servers.AsNoTracking().Where(s => s.LastCheckAt != null).OrderBy(s => s.Name).ToListAsync(cancellationToken);
        return checkedOnes.FindAll(s => s.LastCheck is { } check && (!check.Reachable || check.PresentedFingerprint is not null || check.DiskFreeBytes < LittleDisk || check.MissingTools.Count > 0));
    }

    private static async Task<IReadOnlyList<ProjectFigures>> ProjectsAsync(DevOpsDbContext db, List<DeploymentFact> week, CancellationToken cancellationToken)
    {
        var busiest = week.GroupBy(f => f.ProjectId).OrderByDescending(g => g.Count()).Take(MostProjects).ToList();
        var ids = busiest.ConvertAll(g => g.Key);
        var names = await db.Projects.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, p.Key, p.Name }).ToDictionaryAsync(p => p.Id, cancellationToken);
        return [.. busiest.Where(g => names.ContainsKey(g.Key)).Select(g => new ProjectFigures(
            names[g.Key].Key,
            names[g.Key].Name,
            g.Count(),
            g.Count(f => f.Status == DeploymentStatus.Failed),
            Spread.Of(g.Where(f => f.Status == DeploymentStatus.Succeeded && f.StartedAt is not null).Select(f => f.FinishedAt - f.StartedAt!.Value)).Median))];
    }

    private sealed record OpenRow(
        long Id, long ProjectId, bool Asks, bool Paused, string Project, string Environment, string Status, string RequestedBy, string ApprovalRole, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, string? Step, int Done, int Steps, double? Usual);

    private sealed record CellRow(
        long ProjectId, string Key, string Name, string Environment, int? Release, DateTimeOffset? Since, bool? Healthy, bool Drifted, long? NewestId, string? NewestStatus, bool NewestPaused, string? NewestBy, DateTimeOffset? NewestAt);
}
