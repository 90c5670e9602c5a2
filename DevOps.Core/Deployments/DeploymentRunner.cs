using DevOps.Core.Deployments.Steps;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments;

/// <summary>Walks a deployment: release, servers in batches, cleanup; on failure the way back. Does no I/O of its own.
/// Run again after a crash it goes on at the first step that is not finished.</summary>
public sealed class DeploymentRunner(ReleaseMaker maker, ServerRollout rollout, FirstServers watch, TakeBack takeBack, CleanUp cleanUp)
{
    /// <summary>Runs a deployment to its end.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="journal">Where it is written down.</param>
    /// <param name="cancel">A person's cancel: reaches into the running step, but not into the way back.</param>
    /// <param name="drop">The house closes or the lease is lost: everything stops where it is.</param>
    /// <returns>How it ended. Failures of steps are results; what is thrown is <see cref="OperationCanceledException"/> (by either token) or <see cref="Queue.LeaseLost"/>.</returns>
    public async Task<RunResult> RunAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken cancel, CancellationToken drop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, drop);
        try
        {
            var release = await maker.MakeAsync(plan, journal, either.Token);
            plan = plan with { Release = release.Number, Commit = release.Commit, Deploy = release.Deploy };
            if (await RollOutAsync(plan, release, journal, either.Token, drop) is { } failed)
            {
                return failed;
            }

            await cleanUp.RunAsync(plan, release, journal, either.Token);
            return RunResult.Success;
        }
        catch (StepFailure e)
        {
            // Before the servers: nothing was switched, so nothing has to go back.
            return new RunResult(e.Said, RollbackState.None);
        }
    }

    /// <summary>Only the way back, for a deployment that was cancelled or whose runner died after a failure.</summary>
    public Task<RollbackState> TakeBackAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken drop) =>
        (journal.Config?.Deploy ?? plan.Deploy).RollbackOnFailure ? takeBack.RunAsync(plan, plan.Servers, journal, drop) : Task.FromResult(RollbackState.None);

    private async Task<RunResult?> RollOutAsync(DeploymentPlan plan, MadeRelease release, IDeploymentJournal journal, CancellationToken either, CancellationToken drop)
    {
        if (journal.Rollout.TakeBackBy is { } by)
        {
            return await GoBackAsync(plan, journal, $"{by} had it taken back.", drop);
        }

        if (TooManyFailed(plan, journal))
        {
            return await FailOrAskAsync(plan, journal, drop);
        }

        var portions = plan.Deploy.Rolling.Portions(plan.Servers);
        for (var i = 0; i < portions.Count; i++)
        {
            await Task.WhenAll(portions[i].Select(s => OneAsync(plan, s, release, journal, either)));
            if (TooManyFailed(plan, journal))
            {
                return await FailOrAskAsync(plan, journal, drop);
            }

            if (i == 0 && portions.Count > 1 && await watch.RunAsync(plan, portions[0], release, journal, either) is { } pause)
            {
                return pause;
            }

            if (i == 0 && TooManyFailed(plan, journal))
            {
                return await FailOrAskAsync(plan, journal, drop);
            }
        }

        return FailedOf(plan, journal).Count > 0 ? await FailSomeAsync(plan, journal, drop) : null;
    }

    private async Task OneAsync(DeploymentPlan plan, ServerPlan server, MadeRelease release, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        if (journal.ServerOf(server.Name).Status is ServerStatus.Succeeded or ServerStatus.Failed or ServerStatus.RolledBack)
        {
            return;
        }

        try
        {
            await rollout.RunAsync(plan, server, release, journal, cancellationToken);
        }
        catch (StepFailure e)
        {
            await journal.ServerChangedAsync(server.Name, ServerStatus.Failed, e.Said, cancellationToken);
        }
    }

    private static bool TooManyFailed(DeploymentPlan plan, IDeploymentJournal journal) =>
        FailedOf(plan, journal).Count(s => !journal.ServerOf(s.Name).PassedOver) > plan.Deploy.Rolling.MaxFailures;

    private static List<ServerPlan> FailedOf(DeploymentPlan plan, IDeploymentJournal journal) =>
        [.. plan.Servers.Where(s => journal.ServerOf(s.Name).Status is ServerStatus.Failed or ServerStatus.RolledBack)];

    // Where a person accompanies the rollout and nothing goes back by itself, the person is asked (decision 0017).
    private static async Task<RunResult?> AskAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken drop)
    {
        if (!plan.Deploy.Rolling.ConfirmAfterFirst || plan.Deploy.RollbackOnFailure)
        {
            return null;
        }

        var names = string.Join(", ", FailedOf(plan, journal).Where(s => !journal.ServerOf(s.Name).PassedOver).Select(s => s.Name));
        await journal.PausedAsync(RolloutPause.Decision, drop);
        await journal.Log(null).SayAsync($"{names} failed. Waiting for a person to decide: retry, skip, continue or roll back.", drop);
        return RunResult.Pause(null);
    }

    private async Task<RunResult> FailOrAskAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken drop) =>
        await AskAsync(plan, journal, drop) ?? await FailAsync(plan, journal, drop);

    private async Task<RunResult> GoBackAsync(DeploymentPlan plan, IDeploymentJournal journal, Sentence error, CancellationToken drop)
    {
        await SkipRestAsync(plan, journal, drop);
        return new RunResult(error, await takeBack.RunAsync(plan, plan.Servers, journal, drop));
    }

    // The environment must not stay on two versions: all that were switched go back, the others are not touched.
    private async Task<RunResult> FailAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken drop)
    {
        var error = ErrorOf(plan, journal);
        await SkipRestAsync(plan, journal, drop);
        return new RunResult(error, await TakeBackAsync(plan, journal, drop));
    }

    private static async Task SkipRestAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken drop)
    {
        foreach (var server in plan.Servers.Where(s => journal.ServerOf(s.Name).Status is ServerStatus.Pending))
        {
            await Step.SkipAsync(journal, server.Name, drop, [.. ServerRollout.Steps]);
            await journal.ServerChangedAsync(server.Name, ServerStatus.Skipped, null, drop);
        }

        await Step.SkipAsync(journal, null, drop, StepName.Cleanup);
    }

    // Fewer failed than the project allows: the others keep the new release, but nobody calls it a success.
    private async Task<RunResult> FailSomeAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken drop)
    {
        var failed = FailedOf(plan, journal);
        var error = failed.Exists(s => journal.ServerOf(s.Name).PassedOver)
            ? Sentence.Of($"{failed.Count} of {plan.Servers.Count} servers failed and a person went on; the others run the new release. {ErrorOf(plan, journal)}")
            : Sentence.Of($"{failed.Count} of {plan.Servers.Count} servers failed (deploy.rolling.maxFailures allows {plan.Deploy.Rolling.MaxFailures}); the others run the new release. {ErrorOf(plan, journal)}");
        await Step.SkipAsync(journal, null, drop, StepName.Cleanup);
        var rollback = plan.Deploy.RollbackOnFailure ? await takeBack.RunAsync(plan, failed, journal, drop) : RollbackState.None;
        return new RunResult(error, rollback);
    }

    private static Sentence ErrorOf(DeploymentPlan plan, IDeploymentJournal journal) =>
        plan.Servers.Select(s => journal.ServerOf(s.Name).Error).FirstOrDefault(e => e is not null) ?? "A server failed.";
}

/// <summary>How a run ended.</summary>
/// <param name="Error">What went wrong, or null after a success.</param>
/// <param name="Rollback">What became of servers already switched.</param>
public sealed record RunResult(Sentence? Error, RollbackState Rollback)
{
    /// <summary>Every step ran and every server is healthy.</summary>
    public static RunResult Success { get; } = new(null, RollbackState.None);

    /// <summary>Whether it has not ended: it goes on with a later turn.</summary>
    public bool IsPaused { get; private init; }

    /// <summary>When it goes on by itself (UTC); null when a person has to say so.</summary>
    public DateTimeOffset? PausedUntil { get; private init; }

    /// <summary>It waits, without holding a runner.</summary>
    /// <param name="until">When it goes on by itself (UTC); null when a person has to say so.</param>
    public static RunResult Pause(DateTimeOffset? until) => new(null, RollbackState.None) { IsPaused = true, PausedUntil = until };
}
