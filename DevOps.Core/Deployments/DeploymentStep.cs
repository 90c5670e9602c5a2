namespace DevOps.Core.Deployments;

/// <summary>One step of a deployment, on one server or (checkout, build, package) on the platform.</summary>
public sealed class DeploymentStep
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The deployment.</summary>
    public long DeploymentId { get; set; }

    /// <summary>Place in the order of steps, from 0.</summary>
    public int Position { get; set; }

    /// <summary>Which step.</summary>
    public StepName Name { get; set; }

    /// <summary>Name of the server, or null.</summary>
    public string? Server { get; set; }

    /// <summary>Where it stands.</summary>
    public StepStatus Status { get; set; }

    /// <summary>When it began (UTC).</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it ended (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Exit code of the command or container that decided it.</summary>
    public int? ExitCode { get; set; }

    /// <summary>Number of its first log line.</summary>
    public long? FirstLine { get; set; }
}
