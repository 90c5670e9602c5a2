using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Insights;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Insights;

/// <summary>Reads the facts of a time span, out of indexes alone.</summary>
internal static class InsightFacts
{
    /// <summary>What ended within a time span, in the order of the ends, in some environments or (null) in all that are visible.</summary>
    public static async Task<List<DeploymentFact>> ReadAsync(
        DevOpsDbContext db, Actor actor, IReadOnlyCollection<long>? environments, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var visible = actor.VisibleProjects;
        var rows = await db.Deployments.AsNoTracking()
            .Where(d => d.FinishedAt != null && d.FinishedAt >= from && d.FinishedAt < to
                && (visible == null || visible.Contains(d.ProjectId)) && (environments == null || environments.Contains(d.EnvironmentId)))
            .OrderBy(d => d.FinishedAt)
            .Select(d => new { d.ProjectId, d.EnvironmentId, d.Status, d.Release, d.CreatedAt, d.StartedAt, d.FinishedAt, d.CommitAt })
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(r => new DeploymentFact(r.ProjectId, r.EnvironmentId, r.Status, r.Release, r.CreatedAt, r.StartedAt, r.FinishedAt!.Value, r.CommitAt));
    }

    /// <summary>How environments stood before a moment: what ran, and whether a failure was open.</summary>
    public static async Task<Dictionary<long, EnvironmentBefore>> BeforeAsync(DevOpsDbContext db, IReadOnlyCollection<long> environments, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var ids = environments.ToArray();
        var rows = await db.Database.SqlQuery<BeforeRow>(
            $"""
            SELECT e.id AS "Id", good.release AS "Release",
                (SELECT min(f.finished_at) FROM deployments f
                 WHERE f.environment_id = e.id AND f.status = 'failed' AND f.finished_at < {moment} AND f.finished_at > coalesce(good.finished_at, '-infinity')) AS "FailedAt"
            FROM unnest({ids}) AS e(id)
            LEFT JOIN LATERAL (
                SELECT d.release, d.finished_at FROM deployments d
                WHERE d.environment_id = e.id AND d.status = 'succeeded' AND d.finished_at < {moment}
                ORDER BY d.finished_at DESC LIMIT 1) good ON true
            """).ToListAsync(cancellationToken);
        return rows.ToDictionary(r => r.Id, r => new EnvironmentBefore(r.Release, r.FailedAt));
    }

    private sealed record BeforeRow(long Id, int? Release, DateTimeOffset? FailedAt);
}
