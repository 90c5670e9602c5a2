using DevOps.Core.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Which of some deployments are not over. What belongs to the others may go.</summary>
internal static class OpenDeploymentIds
{
    public static async Task<IReadOnlySet<long>> FindAsync(IDbContextFactory<DevOpsDbContext> contexts, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        var final = Enum.GetValues<DeploymentStatus>().Where(s => s.IsFinal()).ToList();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Deployments.Where(d => ids.Contains(d.Id) && !final.Contains(d.Status)).Select(d => d.Id).ToHashSetAsync(cancellationToken);
    }
}
