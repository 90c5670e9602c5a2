using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Finds a deployment that an actor may see, for the verbs.</summary>
internal static class DeploymentLookup
{
    /// <summary>The deployment with its servers, its project's key and its environment's name.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    public static async Task<(Deployment Deployment, string ProjectKey, string Environment)> FindAsync(DevOpsDbContext db, Actor actor, long id, CancellationToken cancellationToken)
    {
        var found = await (
            from d in db.Deployments.AsNoTracking().Include(d => d.Servers)
            join p in db.Projects on d.ProjectId equals p.Id
            join e in db.Environments on d.EnvironmentId equals e.Id
            where d.Id == id
            select new { Deployment = d, p.Key, e.Name }).SingleOrDefaultAsync(cancellationToken);
        return found is not null && actor.May(Permission.ProjectRead, found.Deployment.ProjectId)
            ? (found.Deployment, found.Key, found.Name)
            : throw new NotFound($"Deployment {id}");
    }
}
