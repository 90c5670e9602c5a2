using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Core.Deployments;

/// <summary>Where a runner writes down what it does, and reads what an earlier run of the same deployment had done. Every write is durable before the call returns,
/// and is refused when the deployment was taken over by another worker. Safe for several callers at once.</summary>
/// <exception cref="Queue.LeaseLost">Thrown by every write once another worker holds the deployment.</exception>
public interface IDeploymentJournal
{
    /// <summary>Where a step stands; <see cref="StepStatus.Pending"/> for one that is not planned yet.</summary>
    StepStatus StatusOf(StepName step, string? server = null);

    /// <summary>What is known of a server.</summary>
    ServerRecord ServerOf(string server);

    /// <summary>What is known of the rollout as a whole.</summary>
    RolloutRecord Rollout { get; }

    /// <summary>What the deployment is built and put on servers with; null until it was found.</summary>
    DeployConfig? Config { get; }

    /// <summary>The first servers are done and are watched from now on. Only the first call counts.</summary>
    /// <returns>Until when (UTC).</returns>
    Task<DateTimeOffset> SoakBeganAsync(TimeSpan soak, CancellationToken cancellationToken);

    /// <summary>The deployment waits for a person.</summary>
    Task PausedAsync(RolloutPause pause, CancellationToken cancellationToken);

    /// <summary>A step begins. One that is not planned (the way back) is added.</summary>
    Task StepStartedAsync(StepName step, string? server, CancellationToken cancellationToken);

    /// <summary>A step ended, or (skipped) was not needed.</summary>
    Task StepEndedAsync(StepName step, string? server, StepStatus status, int? exitCode, CancellationToken cancellationToken);

    /// <summary>The commit is known.</summary>
    Task CommitFoundAsync(SourceCommit commit, CancellationToken cancellationToken);

    /// <summary>What the deployment is built and put on servers with is known: it stays so, also after a crash.</summary>
    Task ConfigFoundAsync(DeployConfig config, CancellationToken cancellationToken);

    /// <summary>Reads what belongs to a release of deploying, see <see cref="Release.DeployPart"/>.</summary>
    Task<string?> DeployPartOfAsync(int release, CancellationToken cancellationToken);

    /// <summary>Finds the newest release of a commit with the same build.</summary>
    Task<int?> FindReleaseAsync(string sha, string buildFingerprint, CancellationToken cancellationToken);

    /// <summary>Gives the number that this deployment's own release will have; the same on every call.</summary>
    Task<int> ReserveReleaseAsync(CancellationToken cancellationToken);

    /// <summary>A release was built: it is recorded and belongs to the deployment.</summary>
    Task ReleaseBuiltAsync(int number, SourceCommit commit, string buildFingerprint, Manifest manifest, CancellationToken cancellationToken);

    /// <summary>The deployment uses a release that was there before.</summary>
    Task ReleaseChosenAsync(int number, CancellationToken cancellationToken);

    /// <summary>A server's state changed.</summary>
    Task ServerChangedAsync(string server, ServerStatus status, Sentence? error, CancellationToken cancellationToken);

    /// <summary>What was current on a server before this deployment touched it. Written before the switch, only once.</summary>
    Task PreviousFoundAsync(string server, int? previous, CancellationToken cancellationToken);

    /// <summary>A server is about to be switched. Written before the switch: after a crash between the two, going back is harmless, forgetting is not.</summary>
    Task SwitchingAsync(string server, CancellationToken cancellationToken);

    /// <summary>A release is current on a server, after the switch or after the way back.</summary>
    /// <param name="server">The server's name.</param>
    /// <param name="release">Number of the release.</param>
    /// <param name="healthy">Whether its health was found good; null when not asked yet.</param>
    /// <param name="switched">Whether the server still has to go back when the deployment fails.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task CurrentChangedAsync(string server, int release, bool? healthy, bool switched, CancellationToken cancellationToken);

    /// <summary>The door to the log for a step.</summary>
    ILogOutput Log(StepName? step, string? server = null);
}

/// <summary>What a journal knows of a server.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Switched">Whether it was (or was about to be) switched and not taken back.</param>
/// <param name="PreviousKnown">Whether it was read what was current before.</param>
/// <param name="Previous">Number of the release that was current before; null when nothing was.</param>
/// <param name="Error">What went wrong on it.</param>
/// <param name="PassedOver">Whether a person said to go on in spite of that.</param>
public sealed record ServerRecord(ServerStatus Status, bool Switched, bool PreviousKnown, int? Previous, Sentence? Error, bool PassedOver);
