using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Removes old releases from the servers. A server that cannot be tidied does not spoil a deployment that runs well: it is said in the log.</summary>
public sealed class CleanUp(IRemoteHosts hosts)
{
    /// <summary>Tidies all servers at once.</summary>
    public Task RunAsync(DeploymentPlan plan, MadeRelease release, IDeploymentJournal journal, CancellationToken cancellationToken) =>
        journal.StatusOf(StepName.Cleanup) is StepStatus.Succeeded or StepStatus.Skipped
            ? Task.CompletedTask
            : Step.RunAsync(
                journal,
                StepName.Cleanup,
                null,
                async log =>
                {
                    await Task.WhenAll(plan.Servers.Select(s => OneAsync(plan, s, release.Number, journal, log, cancellationToken)));
                    return true;
                },
                cancellationToken);

    private async Task OneAsync(DeploymentPlan plan, ServerPlan server, int number, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        int[] protect = journal.ServerOf(server.Name).Previous is { } previous ? [number, previous] : [number];
        try
        {
            var exit = await hosts.Get(server.Access).RunAsync(ServerRollout.Plain(ReleaseCommands.Prune(server.Path, plan.Deploy.KeepReleases, protect)), null, cancellationToken);
            var removed = exit.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await log.SayAsync(
                exit.ExitCode != 0 ? $"{server.Name}: old releases could not be removed: {exit.Error.Trim()}" : $"{server.Name}: {removed.Length} old releases removed",
                cancellationToken);
        }
        catch (StepFailure e)
        {
            await log.SayAsync($"{server.Name}: old releases could not be removed: {e.Message}", cancellationToken);
        }
    }
}
