using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A person's no: the deployment ends.</summary>
public sealed class RejectDeployment(IDbContextFactory<DevOpsDbContext> contexts, ApprovalDesk desk, AddDeployment add, TimeProvider time)
{
    /// <summary>Rejects a deployment.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor's role is too low, or the actor asked for the deployment.</exception>
    /// <exception cref="Conflict"><c>notPending</c>, <c>expired</c>, <c>decided</c>.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, string? comment, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var said = (comment ?? "").Trim();
        var deployment = await desk.DecideAsync(db, actor, id, new Approval { By = actor.Name, Decision = ApprovalDecision.Rejected, Comment = said }, cancellationToken);
        var error = said.Length > 0 ? Sentence.Of($"Rejected by {actor.Name}: {said}") : Sentence.Of($"Rejected by {actor.Name}.");
        await DeploymentMoves.EndWaitingAsync(db, id, DeploymentStatus.PendingApproval, DeploymentStatus.Rejected, time.GetUtcNow(), error, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        add.Announce([new AddedDeployment(id, DeploymentStatus.Rejected, deployment.ProjectId, deployment.EnvironmentId, [])]);
        return new DeploymentTicket(id, DeploymentStatus.Rejected);
    }
}
