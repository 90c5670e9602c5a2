using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Brings servers that were switched back to what they ran before: switch, restart, health.</summary>
public sealed class TakeBack(IRemoteHosts hosts, HealthCheck health)
{
    /// <summary>Takes back every server that needs it, all at once. Can be repeated.</summary>
    /// <param name="plan">The deployment.</param>
    /// <param name="servers">Those to look at; one that was not switched, or was taken back by an earlier run, is passed over.</param>
    /// <param name="journal">Where it is written down.</param>
    /// <param name="cancellationToken">Ends it only when the house closes or the lease is lost, never by a person's cancel.</param>
    /// <returns>Whether all of them went back, in this run or an earlier one.</returns>
    public async Task<RollbackState> RunAsync(DeploymentPlan plan, IReadOnlyList<ServerPlan> servers, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        var left = servers.Where(s => journal.ServerOf(s.Name).Switched || journal.StatusOf(StepName.Rollback, s.Name) == StepStatus.Running).ToList();
        if (left.Count == 0)
        {
            return servers.Any(s => journal.ServerOf(s.Name).Status == ServerStatus.RolledBack) ? RollbackState.Complete : RollbackState.None;
        }

        var good = await Task.WhenAll(left.Select(s => TryOneAsync(plan, s, journal, cancellationToken)));
        return good.All(g => g) ? RollbackState.Complete : RollbackState.Partial;
    }

    private async Task<bool> TryOneAsync(DeploymentPlan plan, ServerPlan server, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        if (journal.StatusOf(StepName.Rollback, server.Name) == StepStatus.Failed)
        {
            return false;
        }

        var before = journal.ServerOf(server.Name);
        try
        {
            return await Step.RunAsync(journal, StepName.Rollback, server.Name, log => OneAsync(plan, server, before.Previous, journal, log, cancellationToken), cancellationToken);
        }
        catch (StepFailure e)
        {
            await journal.ServerChangedAsync(server.Name, ServerStatus.Failed, WayBackFailed(before.Error, e.Said), cancellationToken);
            return false;
        }
    }

    private static Sentence WayBackFailed(Sentence? before, Sentence now) =>
        before is null ? Sentence.Of($"The way back failed too: {now}") : $"{before} The way back failed too: {now}";

    private async Task<bool> OneAsync(DeploymentPlan plan, ServerPlan server, int? previous, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        if (previous is not { } number)
        {
            throw new StepFailure($"{server.Name} ran no release before this one, so there is nothing to go back to. The failed release stays current.");
        }

        // The earlier release goes up again as its own commit says, not as the one that failed.
        plan = plan.With(plan.ConfigOf(await journal.DeployPartOfAsync(number, cancellationToken)));
        var host = hosts.Get(server.Access);
        await ServerRollout.SwitchAsync(server, host, number, log, cancellationToken);
        // From here on the earlier release is current, whatever becomes of the rest.
        await journal.CurrentChangedAsync(server.Name, number, healthy: null, switched: true, cancellationToken);
        await new ServerCommands(host, plan, server).RunAsync(plan.Deploy.Restart.Concat(plan.Deploy.AfterActivate), number, null, log, cancellationToken);
        bool? healthy = null;
        if (HealthCheck.IsAskedFor(plan.Deploy.Health))
        {
            await health.RunAsync(plan, server, host, number, null, log, cancellationToken);
            healthy = true;
        }

        await journal.CurrentChangedAsync(server.Name, number, healthy, switched: false, cancellationToken);
        await journal.ServerChangedAsync(server.Name, ServerStatus.RolledBack, journal.ServerOf(server.Name).Error, cancellationToken);
        await log.SayAsync($"{server.Name} runs release {number} again.", cancellationToken);
        return true;
    }
}
