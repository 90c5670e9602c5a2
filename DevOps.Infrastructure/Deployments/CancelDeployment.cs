using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Stops a deployment. One that waits is cancelled at once; one that runs is told to stop, and its runner writes the final state.</summary>
public sealed class CancelDeployment(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed, CancelRequests requests, TimeProvider time)
{
    /// <summary>Stops a deployment.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="Conflict"><c>finished</c>: it is over.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (deployment, key, environment) = await DeploymentLookup.LockAsync(db, actor, id, Permission.DeploymentControl, cancellationToken);
        if (deployment.Status.IsFinal())
        {
            throw new Conflict("finished", $"Deployment #{id} is over: {Json.Word(deployment.Status)}.");
        }

        var now = time.GetUtcNow();
        await db.Deployments.Where(d => d.Id == id && d.CancelRequestedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.CancelRequestedAt, now).SetProperty(d => d.CancelRequestedBy, actor.Name), cancellationToken);
        var waits = deployment.Status != DeploymentStatus.Running;
        if (waits)
        {
            await DeploymentMoves.EndWaitingAsync(db, id, deployment.Status, DeploymentStatus.Cancelled, now, $"Cancelled by {actor.Name}.", cancellationToken);
        }

        audit.Add(db, actor, "deployment.cancel", AddDeployment.Subject(id), $"{key} → {environment}");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        requests.Tell(id);
        feed.Publish(new Change(ChangeKind.Deployment, id, deployment.ProjectId));
        return new DeploymentTicket(id, waits ? DeploymentStatus.Cancelled : deployment.Status);
    }
}
