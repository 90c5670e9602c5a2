using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Judges a running release, with retries, by an address, a command, or both.</summary>
public sealed class HealthCheck(IHealthProbe probe, TimeProvider time)
{
    /// <summary>Says whether a project asks for a check at all.</summary>
    public static bool IsAskedFor(HealthSpec health) => health.Url.Length > 0 || health.Command.Length > 0;

    /// <summary>Asks until the answer is good or the tries are used up.</summary>
    /// <exception cref="StepFailure">The last try was not good either.</exception>
    internal async Task RunAsync(DeploymentPlan plan, ServerPlan server, IRemoteHost host, int release, int? previous, ILogOutput log, CancellationToken cancellationToken)
    {
        var health = plan.Deploy.Health;
        var url = Placeholders.Expand(health.Url, new PlaceholderValues(server.Access.Host, server.Name, plan.Environment, plan.ProjectKey, release));
        for (var attempt = 1; ; attempt++)
        {
            var (good, said) = await AskAsync(plan, server, host, url, release, previous, cancellationToken);
            if (good)
            {
                await log.SayAsync($"health: {said}", cancellationToken);
                return;
            }

            await log.SayAsync($"health: {said}, try {attempt} of {health.Retries}", cancellationToken);
            if (attempt >= health.Retries)
            {
                throw new StepFailure($"{server.Name} is not healthy after {health.Retries} tries: {said}.");
            }

            await Task.Delay(TimeSpan.FromSeconds(health.IntervalSeconds), time, cancellationToken);
        }
    }

    private async Task<(bool Good, Sentence Said)> AskAsync(DeploymentPlan plan, ServerPlan server, IRemoteHost host, string url, int release, int? previous, CancellationToken cancellationToken)
    {
        var health = plan.Deploy.Health;
        var timeout = TimeSpan.FromSeconds(health.TimeoutSeconds);
        var said = new List<Sentence>();
        if (url.Length > 0)
        {
            var answer = await probe.AskAsync(url, timeout, cancellationToken);
            said.Add(answer.Text);
            if (!answer.Good)
            {
                return (false, answer.Text);
            }
        }

        if (health.Command.Length > 0)
        {
            var exit = await host.RunAsync(new ServerCommands(host, plan, server).CommandOf(health.Command, release, previous, timeout), null, cancellationToken);
            var text = exit.TimedOut ? Sentence.Of($"the command took longer than {health.TimeoutSeconds} s") : $"the command ended with {exit.ExitCode}{LastLine(exit)}";
            said.Add(text);
            return (exit.ExitCode == 0, Sentence.Join(", ", said));
        }

        return (true, Sentence.Join(", ", said));
    }

    private static string LastLine(RemoteExit exit)
    {
        var line = (exit.Error + "\n" + exit.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is null ? "" : $" ({(line.Length > 200 ? line[..200] : line)})";
    }
}
