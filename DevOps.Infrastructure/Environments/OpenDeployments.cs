using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>Guards what is about to be deleted against deployments that use it.</summary>
internal static class OpenDeployments
{
    /// <summary>Locks the environments, so that no deployment begins to run in them, and refuses when one runs already. Whoever asks for a deployment and whoever takes one up
    /// locks its environment first, too, and the deployment then.</summary>
    /// <exception cref="Conflict">One runs (<c>running</c>).</exception>
    /// <param name="db">Context with an open transaction.</param>
    /// <param name="projectId">Environments of this project, or 0.</param>
    /// <param name="environmentId">This environment, or 0.</param>
    /// <param name="what">What is to be deleted, such as <c>project shop</c>.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task DemandNoneRunsAsync(DevOpsDbContext db, long projectId, long environmentId, string what, CancellationToken cancellationToken)
    {
        var locked = await db.Database.SqlQuery<long>($"SELECT id AS \"Value\" FROM environments WHERE project_id = {projectId} OR id = {environmentId} ORDER BY id FOR UPDATE")
            .ToListAsync(cancellationToken);
        var running = await db.Deployments.AsNoTracking().Where(d => locked.Contains(d.EnvironmentId) && d.Status == DeploymentStatus.Running).Select(d => (long?)d.Id).FirstOrDefaultAsync(cancellationToken);
        if (running is { } id)
        {
            throw new Conflict("running", $"Deployment #{id} of {what} is running. Cancel it or wait for its end.");
        }
    }
}
