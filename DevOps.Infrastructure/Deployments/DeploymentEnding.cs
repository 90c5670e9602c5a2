using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>The guarded writes at both ends of a run: taking a deployment up and giving it its final state.</summary>
public sealed class DeploymentEnding(IDbContextFactory<DevOpsDbContext> contexts, FencedWrites writes, TimeProvider time)
{
    // Whoever opens it says so at once; this is the net beneath.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    /// <summary>Takes a deployment up, unless its environment is locked or frozen, or it waits for a person.</summary>
    /// <returns>The postponement, or null when it was taken up or nothing is left to do.</returns>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public async Task<JobOutcome?> WaitAsync(long id, JobFence fence, CancellationToken cancellationToken)
    {
        JobOutcome? again = null;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var projectId = await db.Deployments.Where(d => d.Id == id).Select(d => (long?)d.ProjectId).SingleOrDefaultAsync(cancellationToken);
        await writes.RunAsync(
            fence,
            new Change(ChangeKind.Deployment, id, projectId),
            async locked =>
            {
                again = await GateAsync(locked, id, cancellationToken);
                if (again is null)
                {
                    await DeploymentMoves.TryAsync(locked, id, DeploymentStatus.Queued, DeploymentStatus.Running, time.GetUtcNow(), null, cancellationToken);
                }
            },
            cancellationToken);
        return again;
    }

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

    /// <summary>Hands a deployment back whose rollout pauses; it goes before all others of its environment.</summary>
    public JobOutcome Pause(RunResult result) => JobOutcome.PostponeTo(result.PausedUntil ?? time.GetUtcNow() + LookAgain, foremost: true);

    /// <summary>Writes a final state. A deployment that has one keeps it.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task EndAsync(Deployment deployment, JobFence fence, DeploymentStatus status, Sentence? error, RollbackState rollback, CancellationToken cancellationToken) =>
        WriteAsync(
            deployment,
            fence,
            async db =>
            {
                await db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Rollback, rollback), cancellationToken);
                if (await DeploymentMoves.TryAsync(db, deployment.Id, DeploymentStatus.Running, status, time.GetUtcNow(), error, cancellationToken) && deployment.StartedAt is { } began)
                {
                    PlatformMeter.DeploymentDuration.Record((time.GetUtcNow() - began).TotalSeconds, new KeyValuePair<string, object?>("status", Json.Word(status)));
                }
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

    // The environment's row is shared until the commit: whoever locks it meanwhile comes after this deployment, not beside it.
    private async Task<JobOutcome?> GateAsync(DevOpsDbContext db, long id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var waiting = await db.Deployments.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellationToken);
        if (waiting is { Status: DeploymentStatus.Running, CancelRequestedAt: null } && waiting.Pause != RolloutPause.None)
        {
            return JobOutcome.PostponeTo(now + LookAgain, foremost: true);
        }

        if (waiting is not { Status: DeploymentStatus.Queued })
        {
            return null;
        }

        var environments = await db.Environments.FromSql($"SELECT * FROM environments WHERE id = {waiting.EnvironmentId} FOR SHARE").AsNoTracking().ToListAsync(cancellationToken);
        return environments.SingleOrDefault() is { } environment && DeployGate.Of(environment, waiting.OverrideFreeze, now) is { } gate
            ? JobOutcome.PostponeTo(gate.Until < now + LookAgain ? gate.Until.Value : now + LookAgain, foremost: false)
            : null;
    }

    private Task WriteAsync(Deployment deployment, JobFence fence, Func<DevOpsDbContext, Task> write, CancellationToken cancellationToken) =>
        writes.RunAsync(fence, new Change(ChangeKind.Deployment, deployment.Id, deployment.ProjectId), write, cancellationToken);
}
