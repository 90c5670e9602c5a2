using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>The way back by button: a new deployment of the release that ran before the given one.</summary>
public sealed class RollBackDeployment(IDbContextFactory<DevOpsDbContext> contexts, RequestDeployment request)
{
    /// <summary>Puts a deployment of the earlier release into the queue.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="id">The finished deployment.</param>
    /// <param name="overrideFreeze">Passes over a freeze.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="Forbidden">The actor may not control deployments here, or may not pass over a freeze.</exception>
    /// <exception cref="Conflict"><c>notFinished</c>, <c>nothingBefore</c>, and what a new request is refused for (<c>frozen</c>, …).</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, bool overrideFreeze, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (deployment, key, environment) = await DeploymentLookup.FindAsync(db, actor, id, cancellationToken);
        actor.Demand(Permission.DeploymentControl, deployment.ProjectId);
        if (!deployment.Status.IsFinal())
        {
            throw new Conflict("notFinished", $"Deployment #{id} is not over yet. Cancel it first: it then goes back by itself.");
        }

        // Servers may have come from different releases; the one that most of them ran is what people mean by "before".
        var earlier = deployment.Servers.Where(s => s.PreviousRelease is not null && s.PreviousRelease != deployment.Release)
            .GroupBy(s => s.PreviousRelease!.Value).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key).FirstOrDefault()?.Key
            ?? throw new Conflict("nothingBefore", $"Nothing ran in {environment} before deployment #{id}, so there is nothing to go back to.");
        return await request.RunAsync(
            actor,
            key,
            new DeploymentRequest { Environment = environment, Release = earlier, Note = $"Back from #{id}", Servers = deployment.RequestedServers, OverrideFreeze = overrideFreeze },
            Trigger.Rollback,
            cancellationToken);
    }
}
