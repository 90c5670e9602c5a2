using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Runs a project's commands on a server, one after the other, in the folder of a release.</summary>
internal sealed class ServerCommands(IRemoteHost host, DeploymentPlan plan, ServerPlan server)
{
    /// <summary>Runs the commands; the first that fails ends it.</summary>
    /// <exception cref="StepFailure">A command ended with another code than 0 or ran out of time; the message names it and shows its last lines.</exception>
    public async Task RunAsync(IEnumerable<string> commands, int release, int? previous, ILogOutput log, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
        {
            await log.SayAsync("$ " + command, cancellationToken);
            var tail = new TailOutput(log);
            var exit = await host.RunAsync(CommandOf(command, release, previous, TimeSpan.FromSeconds(plan.Deploy.CommandTimeoutSeconds)), tail, cancellationToken);
            if (exit.TimedOut)
            {
                throw new StepFailure(Sentence.Of($"\"{command}\" on {server.Name} did not end within {plan.Deploy.CommandTimeoutSeconds} s and was stopped. If it starts something that stays, it must detach it.").Above(tail.LastLines()), exit.ExitCode);
            }

            if (exit.ExitCode != 0)
            {
                throw new StepFailure(Sentence.Of($"\"{command}\" on {server.Name} ended with exit code {exit.ExitCode}.").Above(tail.LastLines()), exit.ExitCode);
            }
        }
    }

    /// <summary>A command of the project as data.</summary>
    public RemoteCommand CommandOf(string command, int release, int? previous, TimeSpan timeout) => new()
    {
        Script = command,
        Variables = DeployContext.ForServer(plan, server, release, previous),
        Folder = DeployContext.ReleaseFolder(server, release),
        Timeout = timeout,
    };
}
