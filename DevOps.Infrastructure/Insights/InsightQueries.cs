using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Insights;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Insights;

/// <summary>Which deployments figures are asked of.</summary>
public sealed record InsightFilter(string? Project, string? Environment, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>How long a step takes.</summary>
public sealed record StepSpread(StepName Step, Spread Duration);

/// <summary>Figures of a time span.</summary>
/// <param name="From">Begin of the time span (UTC).</param>
/// <param name="To">Its end, which is no longer part of it (UTC).</param>
/// <param name="Report">The figures.</param>
/// <param name="Steps">How long each step took, over the newest thousand deployments of the time span that succeeded.</param>
public sealed record InsightView(DateTimeOffset From, DateTimeOffset To, DeliveryReport Report, IReadOnlyList<StepSpread> Steps);

/// <summary>Reads figures.</summary>
public sealed class InsightQueries(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Longest time span, in days.</summary>
    public const int LongestDays = 366;

    private const int UsualDays = 30;
    private const int StepSample = 1000;

    /// <summary>The figures of what the actor may see; of the last thirty days when no time is given.</summary>
    /// <exception cref="NotFound">The project is not there, or the actor may not see it.</exception>
    /// <exception cref="InvalidInput">The time span ends before it begins, or is too long.</exception>
    public async Task<InsightView> GetAsync(Actor actor, InsightFilter filter, CancellationToken cancellationToken)
    {
        var to = (filter.To ?? time.GetUtcNow()).ToUniversalTime();
        var from = (filter.From ?? to.AddDays(-UsualDays)).ToUniversalTime();
        var faults = new Faults();
        faults.When(from >= to, "from", "The time span must begin before it ends.");
        faults.When((to - from).TotalDays > LongestDays, "from", $"Ask for {LongestDays} days at most.");
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var environments = await EnvironmentsAsync(db, actor, filter, cancellationToken);
        var facts = await InsightFacts.ReadAsync(db, actor, filter.Project is null && filter.Environment is null ? null : environments, from, to, cancellationToken);
        var before = await InsightFacts.BeforeAsync(db, environments, from, cancellationToken);
        return new InsightView(from, to, DeliveryReport.Of(facts, before, from, to), await StepsAsync(db, environments, from, to, cancellationToken));
    }

    private static async Task<List<long>> EnvironmentsAsync(DevOpsDbContext db, Actor actor, InsightFilter filter, CancellationToken cancellationToken)
    {
        var project = filter.Project is { } key ? await db.FindProjectAsync(actor, key, Permission.ProjectRead, cancellationToken) : null;
        var visible = actor.VisibleProjects;
        return await db.Environments
            .Where(e => (project == null || e.ProjectId == project.Id) && (visible == null || visible.Contains(e.ProjectId)) && (filter.Environment == null || e.Name == filter.Environment))
            .Select(e => e.Id).ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<StepSpread>> StepsAsync(DevOpsDbContext db, List<long> environments, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var ids = environments.ToArray();
        var rows = await db.Database.SqlQuery<StepRow>(
            $"""
            SELECT s.name AS "Name", count(*)::int AS "Count",
                percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.finished_at - s.started_at)::float8) AS "Median",
                percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM s.finished_at - s.started_at)::float8) AS "Slow"
            FROM (
                SELECT d.id FROM deployments d
                WHERE d.finished_at >= {from} AND d.finished_at < {to} AND d.status = 'succeeded' AND d.environment_id = ANY ({ids})
                ORDER BY d.finished_at DESC LIMIT {StepSample}) sample
            JOIN deployment_steps s ON s.deployment_id = sample.id
            WHERE s.status = 'succeeded' AND s.started_at IS NOT NULL AND s.finished_at IS NOT NULL
            GROUP BY s.name
            """).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new StepSpread(Enum.Parse<StepName>(r.Name, ignoreCase: true), new Spread(r.Count, TimeSpan.FromSeconds(r.Median), TimeSpan.FromSeconds(r.Slow)))).OrderBy(s => s.Step)];
    }

    private sealed record StepRow(string Name, int Count, double Median, double Slow);
}
