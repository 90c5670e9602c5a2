using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A person's yes. With the last one that is needed the deployment goes into the queue.</summary>
public sealed class ApproveDeployment(IDbContextFactory<DevOpsDbContext> contexts, ApprovalDesk desk, AddDeployment add, AuditTrail audit, TimeProvider time)
{
    /// <summary>Approves a deployment.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor's role is too low, or the actor asked for the deployment.</exception>
    /// <exception cref="Conflict"><c>notPending</c>, <c>expired</c>, <c>decided</c>.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, string? comment, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var deployment = await desk.DecideAsync(db, actor, id, new Approval { By = actor.Name, Decision = ApprovalDecision.Approved, Comment = comment ?? "" }, cancellationToken);
        IReadOnlyCollection<long> superseded = [];
        if (await db.Approvals.CountAsync(a => a.DeploymentId == id && a.Decision == ApprovalDecision.Approved, cancellationToken) >= deployment.ApprovalsRequired)
        {
            superseded = await EnqueueAsync(db, actor, id, cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var status = await db.Deployments.Where(d => d.Id == id).Select(d => d.Status).SingleAsync(cancellationToken);
        add.Announce([new AddedDeployment(id, status, deployment.ProjectId, deployment.EnvironmentId, superseded)]);
        return new DeploymentTicket(id, status);
    }

    private async Task<IReadOnlyCollection<long>> EnqueueAsync(DevOpsDbContext db, Actor actor, long id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await DeploymentMoves.TryAsync(db, id, DeploymentStatus.PendingApproval, DeploymentStatus.Queued, now, null, cancellationToken);
        var queued = await db.Deployments.AsNoTracking().Include(d => d.Servers).SingleAsync(d => d.Id == id, cancellationToken);
        var environment = await db.Environments.AsNoTracking().SingleAsync(e => e.Id == queued.EnvironmentId, cancellationToken);
        var batch = new WriteBatch(db);
        var superseded = Supersede.Add(batch, audit, actor, queued, environment, now);
        await batch.SendAsync(cancellationToken);
        var job = await JobQueue.EnqueueAsync(db, DeploymentJob.New(queued), cancellationToken);
        await db.Deployments.Where(d => d.Id == id).ExecuteUpdateAsync(set => set.SetProperty(d => d.JobId, job.Id), cancellationToken);
        return superseded;
    }
}
