namespace DevOps.Core.Deployments;

/// <summary>What a person decided about a deployment. Each person decides once.</summary>
public sealed class Approval
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The deployment.</summary>
    public long DeploymentId { get; set; }

    /// <summary>User name of who decided.</summary>
    public required string By { get; set; }

    /// <summary>Yes or no.</summary>
    public ApprovalDecision Decision { get; set; }

    /// <summary>When (UTC).</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>Why, in their words.</summary>
    public string Comment { get; set; } = "";
}

/// <summary>Yes or no.</summary>
public enum ApprovalDecision
{
    /// <summary>Yes.</summary>
    Approved,

    /// <summary>No: the deployment ends.</summary>
    Rejected,
}
