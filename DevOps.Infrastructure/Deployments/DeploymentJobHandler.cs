using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Logs;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Runs a deployment as a job of the queue: takes it up, lets the runner walk, writes the end.</summary>
public sealed class DeploymentJobHandler(
    IDbContextFactory<DevOpsDbContext> contexts,
    DeploymentPlanReader plans,
    DeploymentLogs logs,
    DeploymentRunner runner,
    DeploymentEnding ending,
    CancelRequests cancels,
    FencedWrites writes,
    ChangeFeed feed,
    TimeProvider time,
    ILogger<DeploymentJobHandler> logger) : IJobHandler
{
    /// <inheritdoc/>
    public string Kind => DeploymentJob.Kind;

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context)
    {
        var id = DeploymentJob.DeploymentOf(context.Job);
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["DeploymentId"] = id });
        var taken = await ending.TakeUpAsync(id, context.Fence, context.Stopping);
        if (taken.Deployment is not { } deployment)
        {
            return taken.Later ?? JobOutcome.Done;
        }

        if (deployment.Status is DeploymentStatus.Succeeded or DeploymentStatus.Failed)
        {
            // Its worker died behind the end: the servers are as they shall be, only the log is still open.
            await ending.CloseLogAsync(deployment, context.Fence, context.Stopping);
            return JobOutcome.Done;
        }

        var cancel = cancels.Register(id);
        using var watch = new CancelWatch(contexts, cancel, id, time);
        try
        {
            await OutlastAsync(() => watch.LookAsync(context.Stopping), context.Stopping);
            return await RunAsync(deployment, context, cancel.Token);
        }
        finally
        {
            cancels.Forget(id);
        }
    }

    /// <inheritdoc/>
    public async Task GiveUpAsync(JobContext context, string error)
    {
        var id = DeploymentJob.DeploymentOf(context.Job);
        if (await ending.TakeUpToEndAsync(id, context.Fence, CancellationToken.None) is { } deployment)
        {
            var rollback = deployment.Servers.Exists(s => s.Switched) ? RollbackState.Partial : RollbackState.None;
            await ending.EndAsync(deployment, context.Fence, DeploymentStatus.Failed, $"The platform could not finish this deployment: {error} Retry it when the cause is gone.", rollback, CancellationToken.None);
            if (deployment.Status == DeploymentStatus.Cancelled && rollback != RollbackState.None)
            {
                await ending.NoteRollbackAsync(deployment, context.Fence, rollback, CancellationToken.None);
            }

            await ending.CloseLogAsync(deployment, context.Fence, CancellationToken.None);
        }
    }

    private async Task<JobOutcome> RunAsync(Deployment deployment, JobContext context, CancellationToken cancel)
    {
        DeploymentPlan plan;
        try
        {
            plan = await OutlastAsync(() => plans.ReadAsync(deployment, context.Stopping), context.Stopping);
        }
        catch (Exception e) when (e is StepFailure or SecretUnreadable)
        {
            await using var plain = await OutlastAsync(() => logs.OpenAsync(deployment.Id, [], context.Fence, context.Stopping), context.Stopping);
            await EndAsync(new Turn(deployment, context.Fence, plain), new RunResult(Sentence.Of(e), RollbackState.None), context.Stopping);
            return JobOutcome.Done;
        }

        await using var log = await OutlastAsync(() => logs.OpenAsync(deployment.Id, plan.AllSecrets(), context.Fence, context.Stopping), context.Stopping);
        var journal = await OpenJournalAsync(deployment, plan, log, context);
        var turn = new Turn(deployment, context.Fence, log);
        JobOutcome outcome;
        try
        {
            outcome = await WalkAsync(turn, plan, journal, cancel, context.Stopping);
        }
        catch (OperationCanceledException) when (context.Stopping.IsCancellationRequested && context.Reason == StopReason.HouseStopping)
        {
            // Another turn goes on from here; what was said so far is not to be lost.
            await log.FlushAsync(CancellationToken.None);
            throw;
        }

        RemoveWorkspace(plan.Workspace);
        return outcome;
    }

    private async Task<DeploymentJournal> OpenJournalAsync(Deployment deployment, DeploymentPlan plan, DeploymentLog log, JobContext context)
    {
        var paths = plan.Servers.ToDictionary(s => s.Name, s => s.Path, StringComparer.Ordinal);
        var scope = new JournalScope(deployment.Id, deployment.ProjectId, deployment.EnvironmentId, context.Fence, log.Mask, server => paths[server], context.Stopping);
        var journal = new DeploymentJournal(scope, log, writes, time);
        await journal.ReadAsync(context.Stopping);
        return journal;
    }

    private async Task<JobOutcome> WalkAsync(Turn turn, DeploymentPlan plan, DeploymentJournal journal, CancellationToken cancel, CancellationToken drop)
    {
        if (turn.Deployment.Status == DeploymentStatus.Running && !cancel.IsCancellationRequested)
        {
            try
            {
                var result = await runner.RunAsync(plan, journal, cancel, drop);
                if (result.IsPaused)
                {
                    await turn.Log.FlushAsync(drop);
                    return ending.Pause(result);
                }

                await EndAsync(turn, result, drop);
                return JobOutcome.Done;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested && !drop.IsCancellationRequested)
            {
                logger.LogInformation("Deployment {Id} is cancelled", turn.Deployment.Id);
            }
        }

        await WindUpAsync(turn, plan, journal, drop);
        return JobOutcome.Done;
    }

    // The state is final at once; what was switched goes back afterwards, under the same lock.
    private async Task WindUpAsync(Turn turn, DeploymentPlan plan, DeploymentJournal journal, CancellationToken drop)
    {
        if (turn.Deployment.Status == DeploymentStatus.Running)
        {
            var by = await CancelledByAsync(turn.Deployment.Id, drop);
            await SayOnceAsync(turn.Log, $"Cancelled by {by}.", drop);
            await turn.Log.FlushAsync(drop);
            await ending.EndAsync(turn.Deployment, turn.Fence, DeploymentStatus.Cancelled, $"Cancelled by {by}.", RollbackState.None, drop);
        }

        await journal.ReadAsync(drop);
        var rollback = await runner.TakeBackAsync(plan, journal, drop);
        await ending.NoteRollbackAsync(turn.Deployment, turn.Fence, rollback, drop);
        await SayRollbackAsync(turn.Log, rollback, drop);
        await CloseAsync(turn, drop);
    }

    private async Task EndAsync(Turn turn, RunResult result, CancellationToken drop)
    {
        var (id, log) = (turn.Deployment.Id, turn.Log);
        var last = result.Error is { } error ? $"Deployment #{id} failed: {error}" : $"Deployment #{id} succeeded.";
        if (!log.EndsWith(last))
        {
            await SayRollbackAsync(log, result.Rollback, drop);
            await log.For(null, null).SayAsync(last, drop);
        }

        await log.FlushAsync(drop);
        await ending.EndAsync(turn.Deployment, turn.Fence, result.Error is null ? DeploymentStatus.Succeeded : DeploymentStatus.Failed, result.Error?.Map(log.Mask), result.Rollback, drop);
        await CloseAsync(turn, drop);
    }

    private async Task CloseAsync(Turn turn, CancellationToken drop)
    {
        await turn.Log.CompleteAsync(drop);
        feed.Publish(new Change(ChangeKind.Deployment, turn.Deployment.Id, turn.Deployment.ProjectId));
    }

    private static async Task SayRollbackAsync(DeploymentLog log, RollbackState rollback, CancellationToken cancellationToken)
    {
        if (rollback != RollbackState.None)
        {
            await SayOnceAsync(log, rollback == RollbackState.Complete ? "Every switched server runs its earlier release again." : "Not every switched server could be taken back: look at the servers that failed.", cancellationToken);
        }
    }

    // Whoever died behind such a line left it to the next one, who has nothing to add.
    private static async Task SayOnceAsync(DeploymentLog log, string line, CancellationToken cancellationToken)
    {
        if (!log.EndsWith(line))
        {
            await log.For(null, null).SayAsync(line, cancellationToken);
        }
    }

    private async Task<string> CancelledByAsync(long id, CancellationToken cancellationToken) =>
        await writes.ReadAsync(db => db.Deployments.Where(d => d.Id == id).Select(d => d.CancelRequestedBy).SingleAsync(cancellationToken), cancellationToken) ?? "the platform";

    // A moment without the database is not the end of an attempt.
    private Task<T> OutlastAsync<T>(Func<Task<T>> ask, CancellationToken drop) => DatabaseAway.OutlastAsync(ask, time, drop);

    private static void RemoveWorkspace(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Turn(Deployment Deployment, JobFence Fence, DeploymentLog Log);
}
