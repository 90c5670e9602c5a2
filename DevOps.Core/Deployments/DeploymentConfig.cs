using DevOps.Core.Projects;

namespace DevOps.Core.Deployments;

/// <summary>The configuration that a deployment uses. Beside the deployment, so that lists stay light.</summary>
public sealed class DeploymentConfig
{
    /// <summary>The deployment.</summary>
    public long DeploymentId { get; set; }

    /// <summary>What it uses.</summary>
    public required DeployConfig Config { get; set; }
}
