using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Stops a deployment. One that waits is cancelled at once; one that runs is told to stop, and its runner writes the final state.</summary>
public sealed class CancelDeployment(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed, CancelRequests requests, TimeProvider time)
{
    /// <summary>Stops a deployment.</summary>
    /// <exception cref="Conflict"><c>finished</c>: it is over.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (deployment, key, environment) = await DeploymentLookup.FindAsync(db, actor, id, cancellationToken);
        actor.Demand(Permission.DeploymentControl, deployment.ProjectId);
        if (deployment.Status.IsFinal())
        {
            throw new Conflict("finished", $"Deployment #{id} is over: {Json.Word(deployment.Status)}.");
        }

        var now = time.GetUtcNow();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.Deployments.Where(d => d.Id == id && d.CancelRequestedAt == null).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.CancelRequestedAt, now).SetProperty(d => d.CancelRequestedBy, actor.Name), cancellationToken);
            Sentence error = $"Cancelled by {actor.Name}.";
            if (!await DeploymentMoves.EndWaitingAsync(db, id, DeploymentStatus.PendingApproval, DeploymentStatus.Cancelled, now, error, cancellationToken))
            {
                await DeploymentMoves.EndWaitingAsync(db, id, DeploymentStatus.Queued, DeploymentStatus.Cancelled, now, error, cancellationToken);
            }

            audit.Add(db, actor, "deployment.cancel", $"deployment/{id.ToString(CultureInfo.InvariantCulture)}", $"{key} → {environment}");
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await JobQueue.NudgeAsync(db, DeploymentJob.LockKey(deployment.EnvironmentId), cancellationToken);

        requests.Tell(id);
        feed.Publish(new Change(ChangeKind.Deployment, id, deployment.ProjectId));
        var status = await db.Deployments.Where(d => d.Id == id).Select(d => d.Status).SingleAsync(cancellationToken);
        return new DeploymentTicket(id, status);
    }
}
