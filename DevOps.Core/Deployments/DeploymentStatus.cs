namespace DevOps.Core.Deployments;

/// <summary>The closed set of a deployment's states. The last five are final and never change.</summary>
public enum DeploymentStatus
{
    /// <summary>Waits for a named yes. A person moves it on.</summary>
    PendingApproval,

    /// <summary>Waits for a worker. The queue moves it on.</summary>
    Queued,

    /// <summary>A worker holds it. Its runner moves it on, or, when that goes silent, the worker that takes over.</summary>
    Running,

    /// <summary>Every step ran and every server is healthy.</summary>
    Succeeded,

    /// <summary>A step failed; see the deployment's error and rollback.</summary>
    Failed,

    /// <summary>A person stopped it.</summary>
    Cancelled,

    /// <summary>A person said no.</summary>
    Rejected,

    /// <summary>A newer request for the same environment took its place before it ran.</summary>
    Superseded,
}
