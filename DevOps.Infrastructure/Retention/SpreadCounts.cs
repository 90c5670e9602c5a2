using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Adds up the changes of the kept counts of deployments and of audit entries. Two processes at once add up different rows; the sums stay the same throughout.</summary>
internal sealed class SpreadCounts(IDbContextFactory<DevOpsDbContext> contexts) : IHousekeeping
{
    private const int Enough = 1000;

    public string Subject => "spread counts";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var deployments = await AddUpAsync(
            db,
            db.DeploymentCounts,
            $"""
            WITH several AS (SELECT environment_id, status, stretch FROM deployment_counts GROUP BY environment_id, status, stretch HAVING count(*) > 1),
            gone AS (
                DELETE FROM deployment_counts c USING several s
                WHERE c.environment_id = s.environment_id AND c.status = s.status AND c.stretch = s.stretch RETURNING c.environment_id, c.status, c.stretch, c.delta)
            INSERT INTO deployment_counts (environment_id, status, stretch, delta)
            SELECT environment_id, status, stretch, sum(delta) FROM gone GROUP BY environment_id, status, stretch HAVING sum(delta) <> 0
            """,
            cancellationToken);
        return deployments + await AddUpAsync(
            db,
            db.AuditCounts,
            $"""
            WITH several AS (SELECT day FROM audit_counts GROUP BY day HAVING count(*) > 1),
            gone AS (DELETE FROM audit_counts c USING several s WHERE c.day = s.day RETURNING c.day, c.delta)
            INSERT INTO audit_counts (day, delta) SELECT day, sum(delta) FROM gone GROUP BY day HAVING sum(delta) <> 0
            """,
            cancellationToken);
    }

    private static async Task<int> AddUpAsync<T>(DevOpsDbContext db, IQueryable<T> changes, FormattableString statement, CancellationToken cancellationToken)
    {
        var before = await changes.CountAsync(cancellationToken);
        if (before < Enough)
        {
            return 0;
        }

        await db.Database.ExecuteSqlAsync(statement, cancellationToken);
        return before - await changes.CountAsync(cancellationToken);
    }
}
