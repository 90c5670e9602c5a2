using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;

namespace DevOps.Infrastructure.Deployments;

/// <summary>What is to be added, looked up and permitted.</summary>
/// <param name="Actor">Who asks.</param>
/// <param name="Project">The project.</param>
/// <param name="Environment">One of its environments.</param>
/// <param name="Request">What is asked for.</param>
/// <param name="Trigger">Why.</param>
/// <param name="Commit">The commit, where who asks knows it already: the deployment is bound to it, whatever becomes of the branch.</param>
public sealed record DeploymentOrder(Actor Actor, Project Project, DeploymentEnvironment Environment, DeploymentRequest Request, Trigger Trigger, SourceCommit? Commit = null);

/// <summary>What was added, for <see cref="AddDeployment.Announce"/>.</summary>
/// <param name="Id">The deployment.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="EnvironmentId">Its environment.</param>
/// <param name="Superseded">Deployments whose place it took.</param>
public sealed record AddedDeployment(long Id, DeploymentStatus Status, long ProjectId, long EnvironmentId, IReadOnlyCollection<long> Superseded);

/// <summary>What who asked gets back at once.</summary>
public sealed record DeploymentTicket(long Id, DeploymentStatus Status);
