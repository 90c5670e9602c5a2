using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Takes a person's yes or no: who may decide, and that each decides once.</summary>
public sealed class ApprovalDesk(AuditTrail audit, TimeProvider time)
{
    /// <summary>Writes a decision down. Those who decide about the same deployment take turns until the caller's transaction ends.</summary>
    /// <returns>The deployment, locked, still waiting.</returns>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor's role is too low, or the actor asked for the deployment.</exception>
    /// <exception cref="Conflict"><c>notPending</c>, <c>expired</c>, <c>decided</c>.</exception>
    public async Task<Deployment> DecideAsync(DevOpsDbContext db, Actor actor, long id, Approval decision, CancellationToken cancellationToken)
    {
        var (_, key, environment) = await DeploymentLookup.FindAsync(db, actor, id, cancellationToken);
        var rows = await db.Deployments.FromSql($"SELECT * FROM deployments WHERE id = {id} FOR UPDATE").AsNoTracking().ToListAsync(cancellationToken);
        var deployment = rows.SingleOrDefault() ?? throw new NotFound($"Deployment {id}");
        DemandRight(actor, deployment);
        if (decision.Comment.Length > 2000)
        {
            throw new InvalidInput("comment", "Use 2000 characters at most.");
        }

        if (deployment.Status != DeploymentStatus.PendingApproval)
        {
            throw new Conflict("notPending", $"Deployment #{id} does not wait for an approval: it is {Json.Word(deployment.Status)}.");
        }

        if (deployment.ApprovalExpiresAt <= time.GetUtcNow())
        {
            throw new Conflict("expired", $"The time to approve deployment #{id} is over. Ask for it again.");
        }

        if (await db.Approvals.AnyAsync(a => a.DeploymentId == id && a.By == actor.Name, cancellationToken))
        {
            throw new Conflict("decided", $"{actor.Name} decided about deployment #{id} already. The next word is somebody else's.");
        }

        (decision.DeploymentId, decision.At) = (id, time.GetUtcNow());
        db.Approvals.Add(decision);
        var action = decision.Decision == ApprovalDecision.Approved ? "deployment.approve" : "deployment.reject";
        audit.Add(db, actor, action, AddDeployment.Subject(id), $"{key} → {environment}, {What(deployment)}{(decision.Comment.Length > 0 ? ": " + decision.Comment : "")}");
        await db.SaveChangesAsync(cancellationToken);
        return deployment;
    }

    /// <summary>Whether someone may decide about a deployment at all, by role and because it is not their own.</summary>
    public static bool MayDecide(Actor actor, long projectId, Role role, string requestedBy) =>
        actor.May(Permission.Approve, projectId) && actor.RoleIn(projectId) >= role && !string.Equals(actor.Name, requestedBy, StringComparison.OrdinalIgnoreCase);

    private static void DemandRight(Actor actor, Deployment deployment)
    {
        actor.Demand(Permission.Approve, deployment.ProjectId);
        if (actor.RoleIn(deployment.ProjectId) < deployment.ApprovalRole)
        {
            throw new Forbidden($"Deployment #{deployment.Id} needs the word of someone with the role {Json.Word(deployment.ApprovalRole)}.");
        }

        if (string.Equals(actor.Name, deployment.RequestedBy, StringComparison.OrdinalIgnoreCase))
        {
            throw new Forbidden($"{actor.Name} asked for deployment #{deployment.Id}. Somebody else has to decide; it can be cancelled instead.");
        }
    }

    private static string What(Deployment deployment) => deployment.Release is { } release ? $"release {release}" : $"commit {deployment.CommitSha}";
}
