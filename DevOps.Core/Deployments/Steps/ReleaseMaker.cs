using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Core.Deployments.Steps;

/// <summary>The first three steps: checkout, build, package. At their end there is a release, built now or found.</summary>
public sealed class ReleaseMaker(ISourceRepository sources, CommitConfig configs, IContainerEngine engine, IArtifactStore artifacts, TimeProvider time)
{
    private const int EngineTries = 5;

    /// <summary>Makes or finds the release.</summary>
    /// <exception cref="StepFailure">A step failed; the journal has it already.</exception>
    public async Task<MadeRelease> MakeAsync(DeploymentPlan plan, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        if (plan.Release is { } known)
        {
            return await TakeKnownAsync(plan, known, journal, cancellationToken);
        }

        var (commit, config) = (plan.Commit, journal.Config);
        if (commit is null || config is null || journal.StatusOf(StepName.Checkout) != StepStatus.Succeeded || !Directory.Exists(SourceOf(plan)))
        {
            var found = await Step.RunAsync(journal, StepName.Checkout, null, log => CheckoutAsync(plan, journal, log, cancellationToken), cancellationToken);
            if (found.Release is { } release)
            {
                await Step.SkipAsync(journal, null, cancellationToken, StepName.Build, StepName.Package);
                return release;
            }

            (commit, config) = (found.Commit, found.Config);
        }

        plan = plan.With(config);
        var number = await journal.ReserveReleaseAsync(cancellationToken);
        await BuildAsync(plan, commit, number, journal, cancellationToken);
        var manifest = await Step.RunAsync(journal, StepName.Package, null, log => PackageAsync(plan, commit, number, journal, log, cancellationToken), cancellationToken);
        return new MadeRelease(number, manifest, commit, plan.Deploy);
    }

    private static string SourceOf(DeploymentPlan plan) => Path.Combine(plan.Workspace, "source");

    private static string OutputOf(DeploymentPlan plan) => Path.Combine(plan.Workspace, "output");

    private async Task<MadeRelease> TakeKnownAsync(DeploymentPlan plan, int number, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        var manifest = await artifacts.ReadManifestAsync(plan.ProjectId, number, cancellationToken)
            ?? throw new StepFailure($"The files of release {number} are not on this platform any more. Deploy its commit instead: it will be built again.");
        await Step.SkipAsync(journal, null, cancellationToken, StepName.Checkout, StepName.Build, StepName.Package);
        return new MadeRelease(number, manifest, plan.Commit, (await ConfigOfKnownAsync(plan, number, journal, cancellationToken)).Deploy);
    }

    private static async Task<DeployConfig> ConfigOfKnownAsync(DeploymentPlan plan, int number, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        if (journal.Config is { } kept)
        {
            return kept;
        }

        var config = plan.ConfigOf(await journal.DeployPartOfAsync(number, cancellationToken));
        await journal.ConfigFoundAsync(config, cancellationToken);
        return config;
    }

    private async Task<Found> CheckoutAsync(DeploymentPlan plan, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        var commit = await sources.ResolveAsync(plan.Repository, plan.Commit?.Sha ?? plan.Reference, log, cancellationToken);
        commit = commit with { Ref = plan.Commit?.Ref ?? commit.Ref };
        await journal.CommitFoundAsync(commit, cancellationToken);
        var config = await configs.FindAsync(plan, commit.Sha, log, cancellationToken);
        plan = plan.With(config);
        await journal.ConfigFoundAsync(config, cancellationToken);
        if (await journal.FindReleaseAsync(commit.Sha, plan.BuildFingerprint, cancellationToken) is { } number
            && await artifacts.ReadManifestAsync(plan.ProjectId, number, cancellationToken) is { } manifest)
        {
            await journal.ReleaseChosenAsync(number, cancellationToken);
            await log.SayAsync($"Release {number} was built from this commit with the same build: it is used again.", cancellationToken);
            return new Found(commit, config, new MadeRelease(number, manifest, commit, plan.Deploy));
        }

        await sources.CheckoutAsync(plan.Repository, commit.Sha, SourceOf(plan), log, cancellationToken);
        if (!plan.AllowDeployFile && File.Exists(Path.Combine(SourceOf(plan), DeployFile.Name)))
        {
            await log.SayAsync($"{DeployFile.Name} is not used: the project's settings do not allow it.", cancellationToken);
        }

        return new Found(commit, config, null);
    }

    private async Task BuildAsync(DeploymentPlan plan, SourceCommit commit, int number, IDeploymentJournal journal, CancellationToken cancellationToken)
    {
        if (plan.Build.IsEmpty)
        {
            await Step.SkipAsync(journal, null, cancellationToken, StepName.Build);
        }
        else if (journal.StatusOf(StepName.Build) != StepStatus.Succeeded || !Directory.Exists(OutputOf(plan)))
        {
            await Step.RunAsync(journal, StepName.Build, null, log => RunContainerAsync(plan, commit, number, log, cancellationToken), cancellationToken);
        }
    }

    private async Task<bool> RunContainerAsync(DeploymentPlan plan, SourceCommit commit, int number, ILogOutput log, CancellationToken cancellationToken)
    {
        var build = plan.Build;
        var patterns = ArtifactPatterns.Parse(build.Artifacts);
        var run = new ContainerRun
        {
            DeploymentId = plan.DeploymentId,
            ProjectKey = plan.ProjectKey,
            Image = build.Image,
            Script = build.Script,
            Variables = DeployContext.ForBuild(plan, commit.Sha, commit.Ref, number),
            Workspace = SourceOf(plan),
            Collect = patterns.StaticPrefixes(),
            Wanted = patterns.Matches,
            Destination = OutputOf(plan),
            Caches = build.Caches,
            Cpus = build.Cpus,
            MemoryMb = build.MemoryMb,
            Pids = build.Pids,
            Timeout = TimeSpan.FromSeconds(build.TimeoutSeconds),
            Network = build.Network,
        };
        if (Directory.Exists(run.Destination))
        {
            Directory.Delete(run.Destination, recursive: true);
        }

        var tail = new TailOutput(log);
        var exit = await RunWithPatienceAsync(run, tail, cancellationToken);
        await log.SayAsync($"{build.Image} · {build.Cpus:0.##} CPU · {build.MemoryMb} MB · exit {exit.ExitCode} · {exit.Duration.TotalSeconds:0.0} s", cancellationToken);
        if (exit.ExitCode != 0 || exit.OutOfMemory || exit.TimedOut)
        {
            throw new StepFailure(WhyBuildFailed(build, exit, tail.LastLines()), exit.ExitCode);
        }

        return true;
    }

    // The engine being restarted is not the build's fault: the build begins anew when it is back.
    private async Task<ContainerExit> RunWithPatienceAsync(ContainerRun run, TailOutput output, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await engine.RunAsync(run, output, cancellationToken);
            }
            catch (EngineUnavailable e) when (attempt < EngineTries)
            {
                var pause = TimeSpan.FromSeconds(Math.Pow(2, attempt));
                await output.SayAsync($"{e.Message} Trying again in {pause.TotalSeconds:0} s ({attempt} of {EngineTries - 1}).", cancellationToken);
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (EngineUnavailable e)
            {
                throw new StepFailure($"{e.Said} Gave up after {EngineTries} tries. Start the container engine, then retry.", null, e);
            }
        }
    }

    private static Sentence WhyBuildFailed(BuildSpec build, ContainerExit exit, string lastLines)
    {
        var why = exit switch
        {
            { TimedOut: true } => Sentence.Of($"The build took longer than {build.TimeoutSeconds} s and was stopped. Raise build.timeoutSeconds, or make it faster."),
            { OutOfMemory: true } => $"The build used more than its {build.MemoryMb} MB of memory and was killed. Raise build.memoryMb, or use less.",
            { ExitCode: 137 } => "The build was killed (exit code 137).",
            _ => $"The build script ended with exit code {exit.ExitCode}.",
        };
        return why.Above(lastLines);
    }

    private async Task<Manifest> PackageAsync(DeploymentPlan plan, SourceCommit commit, int number, IDeploymentJournal journal, ILogOutput log, CancellationToken cancellationToken)
    {
        var folder = plan.Build.IsEmpty ? SourceOf(plan) : OutputOf(plan);
        var manifest = await artifacts.PackAsync(new PackRequest(plan.ProjectId, number, folder, plan.Build.Artifacts), log, cancellationToken);
        await journal.ReleaseBuiltAsync(number, commit, plan.BuildFingerprint, manifest, cancellationToken);
        return manifest;
    }
}

/// <summary>What a checkout found.</summary>
internal sealed record Found(SourceCommit Commit, DeployConfig Config, MadeRelease? Release);

/// <summary>A release that is ready to go to servers.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Manifest">What it holds.</param>
/// <param name="Commit">The commit it was built from, if this deployment knows.</param>
/// <param name="Deploy">How it is put on servers.</param>
public sealed record MadeRelease(int Number, Manifest Manifest, SourceCommit? Commit, DeploySpec Deploy);
