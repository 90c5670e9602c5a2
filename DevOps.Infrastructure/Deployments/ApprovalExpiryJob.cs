using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Ends a deployment that nobody approved in time: a job that was put into the queue together with it.</summary>
public sealed class ApprovalExpiryJob(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed, TimeProvider time) : IJobHandler
{
    private const string Word = "approvalExpiry";

    /// <inheritdoc/>
    public string Kind => Word;

    /// <summary>What stands in the queue for it.</summary>
    public static NewJob New(long deploymentId, ApprovalRule rule) =>
        new(Word, JsonSerializer.Serialize(new DeploymentJob(deploymentId), Json.Options)) { Delay = TimeSpan.FromSeconds(rule.ExpireSeconds) };

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context)
    {
        var id = DeploymentJob.DeploymentOf(context.Job);
        await using var db = await contexts.CreateDbContextAsync(context.Stopping);
        await using var transaction = await db.Database.BeginTransactionAsync(context.Stopping);
        var rows = await db.Deployments.FromSql($"SELECT * FROM deployments WHERE id = {id} FOR UPDATE").AsNoTracking().ToListAsync(context.Stopping);
        if (rows.SingleOrDefault() is not { Status: DeploymentStatus.PendingApproval } deployment)
        {
            return JobOutcome.Done;
        }

        var said = await db.Approvals.CountAsync(a => a.DeploymentId == id, context.Stopping);
        Sentence error = $"The approval expired: {said} of {deployment.ApprovalsRequired} by {deployment.ApprovalExpiresAt:yyyy-MM-dd HH:mm} UTC. Ask for it again.";
        await DeploymentMoves.EndWaitingAsync(db, id, DeploymentStatus.PendingApproval, DeploymentStatus.Cancelled, time.GetUtcNow(), error, context.Stopping);
        audit.Add(db, Actor.Platform, "deployment.expire", AddDeployment.Subject(id), error.ToString());
        await db.SaveChangesAsync(context.Stopping);
        await transaction.CommitAsync(context.Stopping);
        feed.Publish(new Change(ChangeKind.Deployment, id, deployment.ProjectId));
        return JobOutcome.Done;
    }
}
