using DevOps.Core.Deployments;

namespace DevOps.Core.Insights;

/// <summary>A finished deployment, as far as figures need it.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Release">Number of its release, once known.</param>
/// <param name="CreatedAt">When it was asked for (UTC).</param>
/// <param name="StartedAt">When a worker took it (UTC).</param>
/// <param name="FinishedAt">When it ended (UTC).</param>
/// <param name="CommitAt">When its commit was made (UTC).</param>
public sealed record DeploymentFact(
    long ProjectId, long EnvironmentId, DeploymentStatus Status, int? Release, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset FinishedAt, DateTimeOffset? CommitAt);

/// <summary>How an environment stood before the time span began.</summary>
/// <param name="Release">Number of the release that ran there, or null when none did.</param>
/// <param name="FailedAt">When the last deployment failed, or null when it did not (UTC).</param>
public sealed record EnvironmentBefore(int? Release, DateTimeOffset? FailedAt);
