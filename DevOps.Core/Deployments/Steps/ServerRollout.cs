using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Takes one server through upload, beforeActivate, activate, restart and health. Steps that an earlier run finished are passed over.</summary>
public sealed class ServerRollout(IRemoteHosts hosts, IArtifactStore artifacts, HealthCheck health, TimeProvider time)
{
    private const int ConnectionTries = 3;

    /// <summary>The steps of a server, in order.</summary>
    public static IReadOnlyList<StepName> Steps { get; } = [StepName.Upload, StepName.BeforeActivate, StepName.Activate, StepName.Restart, StepName.Health];

    /// <summary>Makes a release run on a server.</summary>
    /// <exception cref="StepFailure">A step failed; the journal has it already.</exception>
    public async Task RunAsync(DeploymentPlan plan, ServerPlan server, MadeRelease release, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        var host = hosts.Get(server.Access);
        var commands = new ServerCommands(host, plan, server);
        await journal.ServerChangedAsync(server.Name, ServerStatus.Running, null, cancellationToken);

        await OnceAsync(StepName.Upload, true, log => UploadAsync(plan, server, host, release, journal, log, cancellationToken));
        var previous = journal.ServerOf(server.Name).Previous;
        await OnceAsync(StepName.BeforeActivate, plan.Deploy.BeforeActivate.Count > 0, log => commands.RunAsync(plan.Deploy.BeforeActivate, release.Number, previous, log, cancellationToken));
        await OnceAsync(StepName.Activate, true, log => ActivateAsync(server, host, release.Number, journal, log, cancellationToken));
        var restart = plan.Deploy.Restart.Concat(plan.Deploy.AfterActivate).ToList();
        await OnceAsync(StepName.Restart, restart.Count > 0, log => commands.RunAsync(restart, release.Number, previous, log, cancellationToken));
        await OnceAsync(StepName.Health, HealthCheck.IsAskedFor(plan.Deploy.Health), log => JudgeAsync(plan, server, host, release.Number, journal, log, cancellationToken));

        await journal.ServerChangedAsync(server.Name, ServerStatus.Succeeded, null, cancellationToken);

        async Task OnceAsync(StepName step, bool needed, Func<ILogOutput, Task> work)
        {
            if (journal.StatusOf(step, server.Name) is StepStatus.Succeeded or StepStatus.Skipped)
            {
                return;
            }

            if (!needed)
            {
                await Step.SkipAsync(journal, server.Name, cancellationToken, step);
                return;
            }

            await Step.RunAsync(
                journal,
                step,
                server.Name,
                async log =>
                {
                    await work(log);
                    return true;
                },
                cancellationToken);
        }
    }

    private async Task UploadAsync(DeploymentPlan plan, ServerPlan server, IRemoteHost host, MadeRelease release, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        if (!journal.ServerOf(server.Name).PreviousKnown)
        {
            var current = await AgainWhenCutAsync(() => ReadCurrentAsync(server, host, cancellationToken), log, cancellationToken);
            if (current != server.KnownRelease && server.KnownRelease is not null)
            {
                await log.SayAsync($"{server.Name} runs {(current is null ? "no release" : $"release {current}")}, not release {server.KnownRelease} as recorded.", cancellationToken);
            }

            await journal.PreviousFoundAsync(server.Name, current, cancellationToken);
        }

        var upload = new ReleaseUpload
        {
            Path = server.Path,
            ProjectId = plan.ProjectId,
            Number = release.Number,
            Manifest = release.Manifest,
            Base = await BaseAsync(plan, journal.ServerOf(server.Name).Previous, release.Number, cancellationToken),
            Shared = plan.Deploy.Shared,
            Files = plan.Files,
            VerifyAll = plan.Deploy.VerifyChecksums,
        };
        await AgainWhenCutAsync(() => host.UploadAsync(upload, log, cancellationToken), log, cancellationToken);
    }

    private async Task<(int Number, Releases.Manifest Manifest)?> BaseAsync(DeploymentPlan plan, int? previous, int number, CancellationToken cancellationToken) =>
        previous is { } earlier && earlier != number && await artifacts.ReadManifestAsync(plan.ProjectId, earlier, cancellationToken) is { } manifest
            ? (earlier, manifest)
            : null;

    private async Task ActivateAsync(ServerPlan server, IRemoteHost host, int number, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        await journal.SwitchingAsync(server.Name, cancellationToken);
        await AgainWhenCutAsync(() => SwitchAsync(server, host, number, log, cancellationToken), log, cancellationToken);
        await journal.CurrentChangedAsync(server.Name, number, healthy: null, switched: true, cancellationToken);
    }

    /// <summary>Makes a release current on a server. Can be repeated.</summary>
    internal static async Task<bool> SwitchAsync(ServerPlan server, IRemoteHost host, int number, ILogOutput log, CancellationToken cancellationToken)
    {
        var exit = await host.RunAsync(Plain(ReleaseCommands.Activate(server.Path, number)), log, cancellationToken);
        if (exit.ExitCode != 0)
        {
            throw new StepFailure($"current could not be switched to release {number} on {server.Name} (exit code {exit.ExitCode}).", exit.ExitCode);
        }

        await log.SayAsync($"current → releases/{number}", cancellationToken);
        return true;
    }

    private async Task JudgeAsync(DeploymentPlan plan, ServerPlan server, IRemoteHost host, int number, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        await health.RunAsync(plan, server, host, number, journal.ServerOf(server.Name).Previous, log, cancellationToken);
        await journal.CurrentChangedAsync(server.Name, number, healthy: true, switched: true, cancellationToken);
    }

    private static async Task<int?> ReadCurrentAsync(ServerPlan server, IRemoteHost host, CancellationToken cancellationToken)
    {
        var exit = await host.RunAsync(Plain(ReleaseCommands.ReadCurrent(server.Path)), null, cancellationToken);
        return exit.ExitCode != 0
            ? throw new StepFailure($"{server.Name} could not say what is current: {exit.Error.Trim()}", exit.ExitCode)
            : int.TryParse(exit.Output.Trim(), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>A short command of the platform itself.</summary>
    internal static RemoteCommand Plain(string script) => new() { Script = script, Timeout = TimeSpan.FromMinutes(5) };

    // Only for what can be repeated: the user's commands are never run twice by themselves.
    private async Task<T> AgainWhenCutAsync<T>(Func<Task<T>> work, ILogOutput log, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (HostUnreachable e) when (attempt < ConnectionTries)
            {
                await log.SayAsync($"{e.Message} Trying again ({attempt} of {ConnectionTries - 1}).", cancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellationToken);
            }
        }
    }
}
