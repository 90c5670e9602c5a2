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
            WITH gone AS (DELETE FROM deployment_counts RETURNING environment_id, status, delta)
            INSERT INTO deployment_counts (environment_id, status, delta)
            SELECT environment_id, status, sum(delta) FROM gone GROUP BY environment_id, status HAVING sum(delta) <> 0
            """,
            cancellationToken);
        return deployments + await AddUpAsync(
            db,
            db.AuditCounts,
            $"WITH gone AS (DELETE FROM audit_counts RETURNING delta) INSERT INTO audit_counts (delta) SELECT sum(delta) FROM gone HAVING count(*) > 0",
            cancellationToken);
    }

    private static async Task<int> AddUpAsync<T>(DevOpsDbContext db, IQueryable<T> changes, FormattableString statement, CancellationToken cancellationToken)
    {
        var before = await changes.CountAsync(cancellationToken);
        return before < Enough ? 0 : before - await db.Database.ExecuteSqlAsync(statement, cancellationToken);
    }
}
