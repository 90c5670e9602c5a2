using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Core.Deployments.Steps;

/// <summary>What lies between the first servers and the others: they are watched for a while, judged once more, and a person says so when that is asked for.</summary>
public sealed class FirstServers(IRemoteHosts hosts, HealthCheck health, TimeProvider time)
{
    // Longer waits give the runner back.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    /// <summary>Waits as long as the project asks.</summary>
    /// <param name="plan">The deployment.</param>
    /// <param name="first">The servers that are done.</param>
    /// <param name="release">The release they run.</param>
    /// <param name="journal">Where it is written down; what an earlier turn waited for is not waited for again.</param>
    /// <param name="cancellationToken">A person's cancel, or the house closes.</param>
    /// <returns>Null when the others may follow, otherwise the pause to end this turn with. A server found unhealthy is written down as failed.</returns>
    public async Task<RunResult?> RunAsync(DeploymentPlan plan, IReadOnlyList<ServerPlan> first, MadeRelease release, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        var rolling = plan.Deploy.Rolling;
        if (rolling.SoakSeconds > 0 && journal.Rollout.ConfirmedBy is null)
        {
            if (await SoakAsync(TimeSpan.FromSeconds(rolling.SoakSeconds), journal, cancellationToken) is { } pause)
            {
                return pause;
            }

            await Task.WhenAll(first.Select(s => JudgeAsync(plan, s, release.Number, journal, cancellationToken)));
        }

        if (!rolling.ConfirmAfterFirst || journal.Rollout.ConfirmedBy is not null || first.Any(s => journal.ServerOf(s.Name).Status == ServerStatus.Failed))
        {
            return null;
        }

        await journal.PausedAsync(RolloutPause.Confirmation, cancellationToken);
        await journal.Log(null).SayAsync("The first servers are done. Waiting for a person to say that the others follow.", cancellationToken);
        return RunResult.Pause(null);
    }

    private async Task<RunResult?> SoakAsync(TimeSpan soak, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        var begins = journal.Rollout.SoakUntil is null;
        var until = await journal.SoakBeganAsync(soak, cancellationToken);
        if (begins)
        {
            await journal.Log(null).SayAsync($"The first servers are watched until {until.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC.", cancellationToken);
        }

        var left = until - time.GetUtcNow();
        if (left > Short)
        {
            return RunResult.Pause(until);
        }

        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, cancellationToken);
        }

        return null;
    }

    private async Task JudgeAsync(DeploymentPlan plan, ServerPlan server, int number, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        if (!HealthCheck.IsAskedFor(plan.Deploy.Health) || journal.ServerOf(server.Name).Status != ServerStatus.Succeeded)
        {
            return;
        }

        try
        {
            await health.RunAsync(plan, server, hosts.Get(server.Access), number, journal.ServerOf(server.Name).Previous, journal.Log(StepName.Health, server.Name), cancellationToken);
        }
        catch (StepFailure e)
        {
            await journal.ServerChangedAsync(server.Name, ServerStatus.Failed, $"After {plan.Deploy.Rolling.SoakSeconds} s: {e.Said}", cancellationToken);
        }
    }
}
