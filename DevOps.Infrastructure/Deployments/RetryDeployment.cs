using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>How to retry.</summary>
/// <param name="FailedServersOnly">Leaves out the servers on which it succeeded.</param>
/// <param name="OverrideFreeze">Passes over a freeze, as at the first request.</param>
public sealed record RetryOrder(bool FailedServersOnly = false, bool OverrideFreeze = false);

/// <summary>Asks again for what a finished deployment was asked for: the same release when it was built, otherwise the same commit or reference.</summary>
public sealed class RetryDeployment(IDbContextFactory<DevOpsDbContext> contexts, RequestDeployment request)
{
    /// <summary>Puts a new deployment into the queue.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="id">The finished deployment.</param>
    /// <param name="order">How.</param>
    /// <param name="trigger">Why.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="Forbidden">The actor may not control deployments here, or may not pass over a freeze.</exception>
    /// <exception cref="Conflict"><c>notFinished</c>, <c>nothingFailed</c>, and what a new request is refused for (<c>frozen</c>, …).</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, RetryOrder order, Trigger trigger, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (deployment, key, environment) = await DeploymentLookup.FindAsync(db, actor, id, cancellationToken);
        actor.Demand(Permission.DeploymentControl, deployment.ProjectId);
        if (!deployment.Status.IsFinal())
        {
            throw new Conflict("notFinished", $"Deployment #{id} is not over yet. Cancel it first, or wait for its end.");
        }

        var failed = deployment.Servers.Where(s => s.Status != ServerStatus.Succeeded).OrderBy(s => s.Position).Select(s => s.Name).ToList();
        if (order.FailedServersOnly && failed.Count == 0)
        {
            throw new Conflict("nothingFailed", $"Deployment #{id} succeeded on every server.");
        }

        var built = deployment.Release is { } number && await db.Releases.AnyAsync(r => r.ProjectId == deployment.ProjectId && r.Number == number, cancellationToken);
        return await request.RunAsync(
            actor,
            key,
            new DeploymentRequest
            {
                Environment = environment,
                Release = built ? deployment.Release : null,
                Commit = built ? null : deployment.CommitSha,
                Ref = built || deployment.CommitSha is not null || deployment.RequestedRef.Length == 0 ? null : deployment.RequestedRef,
                Note = deployment.Note,
                OverrideFreeze = order.OverrideFreeze,
                Servers = order.FailedServersOnly ? failed : deployment.RequestedServers,
            },
            trigger,
            cancellationToken);
    }
}
