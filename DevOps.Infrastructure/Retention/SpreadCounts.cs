using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Adds up the changes of the kept counts of deployments. Two processes at once add up different rows; the sums stay the same throughout.</summary>
internal sealed class SpreadCounts(IDbContextFactory<DevOpsDbContext> contexts) : IHousekeeping
{
    private const int Enough = 1000;

    public string Subject => "spread counts of deployments";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var before = await db.DeploymentCounts.CountAsync(cancellationToken);
        if (before < Enough)
        {
            return 0;
        }

        return before - await db.Database.ExecuteSqlAsync(
            $"""
            WITH gone AS (DELETE FROM deployment_counts RETURNING environment_id, status, delta)
            INSERT INTO deployment_counts (environment_id, status, delta)
            SELECT environment_id, status, sum(delta) FROM gone GROUP BY environment_id, status HAVING sum(delta) <> 0
            """,
            cancellationToken);
    }
}
