using DevOps.Core.Logs;
using DevOps.Core.Secrets;

namespace DevOps.Core.Pipeline.Ports;

/// <summary>Runs a build in a container. One implementation speaks to the Docker Engine; its twin in the tests fails on request.
/// Safe for several builds at once. Nothing of a run is left behind, however it ends; what the engine does not remove at once is asked for again.</summary>
public interface IContainerEngine
{
    /// <summary>Says whether the engine answers, and which one it is.</summary>
    /// <exception cref="EngineUnavailable">It does not answer within a few seconds.</exception>
    Task<EngineInfo> PingAsync(CancellationToken cancellationToken);

    /// <summary>Pulls the image when it is absent, runs the script to its end and, when it ended with 0, copies what was asked for out of the container.
    /// May be called again for the same deployment after a crash: what is left of the earlier run is removed first.</summary>
    /// <param name="run">What to run.</param>
    /// <param name="output">Where progress and output go.</param>
    /// <param name="cancellationToken">Kills the container at once.</param>
    /// <returns>How the script ended. A script that fails, runs out of memory or of time is a result, not an exception.</returns>
    /// <exception cref="EngineUnavailable">The engine is away or broke off.</exception>
    /// <exception cref="StepFailure">The image cannot be had, or the engine refused the container.</exception>
    Task<ContainerExit> RunAsync(ContainerRun run, ILogOutput output, CancellationToken cancellationToken);

    /// <summary>Removes containers that an earlier run of a deployment left behind. Repeatable. One that the engine refuses to remove keeps nobody waiting.</summary>
    /// <returns>How many are gone.</returns>
    Task<int> RemoveLeftoversAsync(long deploymentId, CancellationToken cancellationToken);

    /// <summary>Deployment ids on the labels of all containers of this installation, for housekeeping.</summary>
    Task<IReadOnlyList<long>> ListDeploymentsAsync(CancellationToken cancellationToken);
}

/// <summary>What the engine says of itself.</summary>
/// <param name="Version">The engine's version.</param>
/// <param name="ApiVersion">The version of the interface that is spoken.</param>
/// <param name="System">Operating system and architecture.</param>
public sealed record EngineInfo(string Version, string ApiVersion, string System);

/// <summary>One build.</summary>
public sealed record ContainerRun
{
    /// <summary>Labels the container.</summary>
    public required long DeploymentId { get; init; }

    /// <summary>Owner of the caches.</summary>
    public required string ProjectKey { get; init; }

    /// <summary>Image name.</summary>
    public required string Image { get; init; }

    /// <summary>Lines of the script, run under <c>sh -e</c> in <c>/workspace</c>.</summary>
    public required IReadOnlyList<string> Script { get; init; }

    /// <summary>Environment of the container, secrets among it.</summary>
    public required IReadOnlyDictionary<string, Sensitive> Variables { get; init; }

    /// <summary>Local folder whose content is put into <c>/workspace</c> before the start.</summary>
    public required string Workspace { get; init; }

    /// <summary>Relative paths below <c>/workspace</c> to copy out after success (<c>""</c> for all of it); one that is absent is passed over.</summary>
    public required IReadOnlyList<string> Collect { get; init; }

    /// <summary>Says of a path relative to <c>/workspace</c> whether it will be used. A link that leads out of the workspace fails the step when it will, and is left out when not.</summary>
    public Predicate<string> Wanted { get; init; } = _ => true;

    /// <summary>Local folder (made when absent) that receives the collected paths.</summary>
    public required string Destination { get; init; }

    /// <summary>Absolute folders in the container that are kept between builds of the project.</summary>
    public IReadOnlyList<string> Caches { get; init; } = [];

    /// <summary>Processor limit, in cores.</summary>
    public required double Cpus { get; init; }

    /// <summary>Memory limit without swap, in MiB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Most processes and threads.</summary>
    public required int Pids { get; init; }

    /// <summary>Time limit of the script.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The engine's network.</summary>
    public required string Network { get; init; }
}

/// <summary>How a container ended.</summary>
/// <param name="ExitCode">Exit code of the script (137 when it was killed).</param>
/// <param name="OutOfMemory">Whether the kernel killed it for its memory limit.</param>
/// <param name="TimedOut">Whether it was killed for its time limit.</param>
/// <param name="Duration">From start to end.</param>
public sealed record ContainerExit(int ExitCode, bool OutOfMemory, bool TimedOut, TimeSpan Duration);
