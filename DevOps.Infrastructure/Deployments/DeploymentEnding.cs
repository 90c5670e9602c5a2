using DevOps.Core.Deployments;
using DevOps.Core.Deployments.Steps;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>The guarded writes at both ends of a run: taking a deployment up and giving it its final state.</summary>
public sealed class DeploymentEnding(FencedWrites writes, TimeProvider time)
{
    // Whoever opens it says so at once; this is the net beneath.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    private static readonly Func<DevOpsDbContext, long, long, int, string, IAsyncEnumerable<Found>> Find = EF.CompileAsyncQuery(
        (DevOpsDbContext db, long id, long job, int attempt, string worker) =>
            from e in db.HoldEnvironmentOfTurn(id, job, attempt, worker).AsNoTracking()
            join d in db.Deployments.AsNoTracking() on e.Id equals d.EnvironmentId
            where d.Id == id
            select new Found(d, e, d.Servers, d.Steps.Any()));

    /// <summary>Takes a deployment up, unless its environment is locked or frozen, or it waits for a person.</summary>
    /// <returns>The postponement, or the deployment as it is now, or neither when nothing is left to do for it.</returns>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task<TakenUp> TakeUpAsync(long id, JobFence fence, CancellationToken cancellationToken) => TakeUpAsync(id, fence, gated: true, cancellationToken);

    /// <summary>Takes a deployment up in order to end it, whatever it waits for.</summary>
    /// <returns>The deployment as it is now, or null when nothing is left to do for it.</returns>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public async Task<Deployment?> TakeUpToEndAsync(long id, JobFence fence, CancellationToken cancellationToken) =>
        (await TakeUpAsync(id, fence, gated: false, cancellationToken)).Deployment;

    /// <summary>Hands a deployment back whose rollout pauses; it goes before all others of its environment.</summary>
    public JobOutcome Pause(RunResult result) => JobOutcome.PostponeTo(result.PausedUntil ?? time.GetUtcNow() + LookAgain, foremost: true);

    /// <summary>Writes a final state. A deployment that has one keeps it, with what is said of its servers. With a success or a failure the deploy lock is let go:
    /// nothing more is done on the servers. A cancelled one keeps it until they are taken back.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task EndAsync(Deployment deployment, JobFence fence, DeploymentStatus status, Sentence? error, RollbackState rollback, CancellationToken cancellationToken) =>
        WriteAsync(
            deployment,
            fence,
            async db =>
            {
                if (await DeploymentMoves.TryAsync(db, deployment.Id, DeploymentStatus.Running, status, time.GetUtcNow(), error, cancellationToken))
                {
                    await db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Rollback, rollback), cancellationToken);
                    if (deployment.StartedAt is { } began)
                    {
                        PlatformMeter.DeploymentDuration.Record((time.GetUtcNow() - began).TotalSeconds, new KeyValuePair<string, object?>("status", Json.Word(status)));
                    }
                }

                if (status != DeploymentStatus.Cancelled)
                {
                    await JobQueue.LetKeyGoAsync(db, fence, cancellationToken);
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

    private async Task<TakenUp> TakeUpAsync(long id, JobFence fence, bool gated, CancellationToken cancellationToken)
    {
        var taken = new TakenUp(null, null);
        await writes.RunHoldingAsync(
            async db =>
            {
                var found = await HoldAsync(db, id, fence, cancellationToken);
                if (found is null)
                {
                    return null;
                }

                taken = gated && GateOf(found) is { } later
                    ? new TakenUp(later, null)
                    : new TakenUp(null, await BeginAsync(db, found, fence, cancellationToken));
                return new Change(ChangeKind.Deployment, id, found.Deployment.ProjectId);
            },
            cancellationToken);
        return taken;
    }

    // The job, so that its holder is the only one; and the environment, as it is once it is held: whoever locks it meanwhile comes after this deployment, not beside it.
    private static async Task<Found?> HoldAsync(DevOpsDbContext db, long id, JobFence fence, CancellationToken cancellationToken)
    {
        await foreach (var found in Find(db, id, fence.Id, fence.Attempt, fence.Worker).WithCancellation(cancellationToken))
        {
            found.Deployment.Servers = found.Servers;
            return found;
        }

        await JobQueue.HoldAsync(db, fence, cancellationToken);
        return null;
    }

    // With its steps: until now they were only what is known of any deployment.
    private async Task<Deployment?> BeginAsync(DevOpsDbContext db, Found found, JobFence fence, CancellationToken cancellationToken)
    {
        var (deployment, now) = (found.Deployment, time.GetUtcNow());
        if (deployment.Status == DeploymentStatus.Queued)
        {
            if (!await DeploymentMoves.TryAsync(db, deployment.Id, DeploymentStatus.Queued, DeploymentStatus.Running, now, null, cancellationToken))
            {
                // Ended by a person in this very moment.
                deployment = (await HoldAsync(db, deployment.Id, fence, cancellationToken))?.Deployment;
            }
            else
            {
                deployment.MoveTo(DeploymentStatus.Running, now);
                await PlanAsync(db, found, now, cancellationToken);
            }
        }

        return deployment is null || (deployment.Status.IsFinal() && deployment.LogComplete) ? null : deployment;
    }

    // With the checkout begun, when there is one: reading what the deployment needs is its first part.
    private static async Task PlanAsync(DevOpsDbContext db, Found found, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (found.Planned)
        {
            return;
        }

        var steps = StepPlan.Of(found.Deployment.Servers.OrderBy(s => s.Position).Select(s => s.Name));
        steps.ForEach(s => s.DeploymentId = found.Deployment.Id);
        if (found.Deployment.Release is null)
        {
            (steps[0].Status, steps[0].StartedAt) = (StepStatus.Running, now);
        }

        db.DeploymentSteps.AddRange(steps);
        await db.SaveChangesAsync(cancellationToken);
    }

    private JobOutcome? GateOf(Found found)
    {
        var (waiting, now) = (found.Deployment, time.GetUtcNow());
        if (waiting is { Status: DeploymentStatus.Running, CancelRequestedAt: null } && waiting.Pause != RolloutPause.None)
        {
            return JobOutcome.PostponeTo(now + LookAgain, foremost: true);
        }

        return waiting.Status == DeploymentStatus.Queued && DeployGate.Of(found.Environment, waiting.OverrideFreeze, now) is { } gate
            ? JobOutcome.PostponeTo(gate.Until < now + LookAgain ? gate.Until.Value : now + LookAgain, foremost: false)
            : null;
    }

    private Task WriteAsync(Deployment deployment, JobFence fence, Func<DevOpsDbContext, Task> write, CancellationToken cancellationToken) =>
        writes.RunAsync(fence, new Change(ChangeKind.Deployment, deployment.Id, deployment.ProjectId), write, cancellationToken);

    private sealed record Found(Deployment Deployment, DeploymentEnvironment Environment, List<DeploymentServer> Servers, bool Planned);
}

/// <summary>What became of the wish to take a deployment up.</summary>
/// <param name="Later">When it is to be tried again, and why not now.</param>
/// <param name="Deployment">The deployment, with its servers; null when it is to wait or nothing is left to do.</param>
public sealed record TakenUp(JobOutcome? Later, Deployment? Deployment);
