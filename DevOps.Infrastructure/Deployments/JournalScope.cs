using DevOps.Core.Queue;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Whose journal it is.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="EnvironmentId">Its environment.</param>
/// <param name="Fence">The turn that may write.</param>
/// <param name="Mask">Takes secrets out of an error.</param>
/// <param name="PathOf">The project's folder on a server.</param>
/// <param name="Drop">Ends the wait for a database that is away.</param>
public sealed record JournalScope(long DeploymentId, long ProjectId, long EnvironmentId, JobFence Fence, Func<string, string> Mask, Func<string, string> PathOf, CancellationToken Drop);
