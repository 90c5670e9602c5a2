using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
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

    /// <summary>The same, locked until the caller's transaction ends, with its environment's jobs: after the commit they are looked at again.
    /// For every verb that has something to say to a deployment that may run. After the commit the caller wakes the workers.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor sees it but lacks the permission.</exception>
    public static async Task<(Deployment Deployment, string ProjectKey, string Environment)> LockAsync(DevOpsDbContext db, Actor actor, long id, Permission permission, CancellationToken cancellationToken)
    {
        var (seen, key, environment) = await FindAsync(db, actor, id, cancellationToken);
        actor.Demand(permission, seen.ProjectId);

        // The job before the deployment, as a runner's own writes lock them: in the other order the two would wait for each other.
        await JobQueue.NudgeAsync(db, DeploymentJob.LockKey(seen.EnvironmentId), cancellationToken);
        var rows = await db.Deployments.FromSql($"SELECT * FROM deployments WHERE id = {id} FOR NO KEY UPDATE").AsNoTracking().ToListAsync(cancellationToken);
        return (rows.SingleOrDefault() ?? throw new NotFound($"Deployment {id}"), key, environment);
    }
}
