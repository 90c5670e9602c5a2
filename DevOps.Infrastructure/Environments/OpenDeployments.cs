using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>Guards what is about to be deleted against deployments that use it.</summary>
internal static class OpenDeployments
{
    /// <summary>Locks those that are not final, so that none of them begins to run, and refuses when one runs already.</summary>
    /// <exception cref="Conflict">One runs (<c>running</c>).</exception>
    /// <param name="db">Context with an open transaction.</param>
    /// <param name="projectId">Deployments of this project, or 0.</param>
    /// <param name="environmentId">Deployments of this environment, or 0.</param>
    /// <param name="what">What is to be deleted, such as <c>project shop</c>.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task DemandNoneRunsAsync(DevOpsDbContext db, long projectId, long environmentId, string what, CancellationToken cancellationToken)
    {
        var open = await db.Deployments
            .FromSql($"SELECT * FROM deployments WHERE status IN ('pendingApproval', 'queued', 'running') AND (project_id = {projectId} OR environment_id = {environmentId}) FOR UPDATE")
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        if (open.Find(d => d.Status == DeploymentStatus.Running) is { } running)
        {
            throw new Conflict("running", $"Deployment #{running.Id} of {what} is running. Cancel it or wait for its end.");
        }
    }
}
