using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>The guarded writes at both ends of a run: taking a deployment up and giving it its final state.</summary>
public sealed class DeploymentEnding(IDbContextFactory<DevOpsDbContext> contexts, FencedWrites writes, TimeProvider time)
{
    /// <summary>Takes a deployment up.</summary>
    /// <returns>The deployment as it is now, or null when nothing is left to do for it.</returns>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public async Task<Deployment?> BeginAsync(long id, JobFence fence, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var projectId = await db.Deployments.Where(d => d.Id == id).Select(d => (long?)d.ProjectId).SingleOrDefaultAsync(cancellationToken);
        await writes.RunAsync(
            fence,
            new Change(ChangeKind.Deployment, id, projectId),
            locked => DeploymentMoves.TryAsync(locked, id, DeploymentStatus.Queued, DeploymentStatus.Running, time.GetUtcNow(), null, cancellationToken),
            cancellationToken);
        var deployment = await db.Deployments.AsNoTracking().Include(d => d.Servers).SingleOrDefaultAsync(d => d.Id == id, cancellationToken);
        return deployment is null || (deployment.Status.IsFinal() && deployment.LogComplete) ? null : deployment;
    }

    /// <summary>Writes a final state. A deployment that has one keeps it.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task EndAsync(Deployment deployment, JobFence fence, DeploymentStatus status, Sentence? error, RollbackState rollback, CancellationToken cancellationToken) =>
        WriteAsync(
            deployment,
            fence,
            async db =>
            {
                await db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Rollback, rollback), cancellationToken);
                await DeploymentMoves.TryAsync(db, deployment.Id, DeploymentStatus.Running, status, time.GetUtcNow(), error, cancellationToken);
            },
            cancellationToken);

    /// <summary>Notes that nothing more will be written to the log.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task CloseLogAsync(Deployment deployment, JobFence fence, CancellationToken cancellationToken) =>
        WriteAsync(
            deployment,
            fence,
            db => db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.LogComplete, true), cancellationToken),
            cancellationToken);

    /// <summary>Notes what became of servers after a cancel.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task NoteRollbackAsync(Deployment deployment, JobFence fence, RollbackState rollback, CancellationToken cancellationToken) =>
        WriteAsync(
            deployment,
            fence,
            db => db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Rollback, rollback), cancellationToken),
            cancellationToken);

    private Task WriteAsync(Deployment deployment, JobFence fence, Func<DevOpsDbContext, Task> write, CancellationToken cancellationToken) =>
        writes.RunAsync(fence, new Change(ChangeKind.Deployment, deployment.Id, deployment.ProjectId), write, cancellationToken);
}
