namespace DevOps.Core.Environments;

/// <summary>A named group of servers of a project, with its own variables and secrets: dev, staging, production.</summary>
public sealed class DeploymentEnvironment
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The project it belongs to.</summary>
    public long ProjectId { get; set; }

    /// <summary>Slug, unique in the project.</summary>
    public required string Name { get; set; }

    /// <summary>Place in the line from development to production, from 1.</summary>
    public int Position { get; set; }

    /// <summary>Names of servers that belong to it.</summary>
    public List<string> Servers { get; set; } = [];

    /// <summary>Servers with any of these tags belong to it too.</summary>
    public List<string> ServerTags { get; set; } = [];

    /// <summary>Plain variables for the commands on servers.</summary>
    public Dictionary<string, string> Variables { get; set; } = [];

    /// <summary>Files written into each release with mode 0600: relative path to content.</summary>
    public Dictionary<string, string> Files { get; set; } = [];

    /// <summary>Whether pushes that match the project's triggers are deployed here by themselves.</summary>
    public bool AutoDeploy { get; set; }

    /// <summary>Whether a newer request replaces those that still wait.</summary>
    public bool Supersede { get; set; } = true;

    /// <summary>Who has to say yes before a deployment runs.</summary>
    public ApprovalRule Approvals { get; set; } = new();

    /// <summary>Name of the environment a release must have succeeded in before it may come here; null when any may.</summary>
    public string? PromoteFrom { get; set; }

    /// <summary>Spans of time in which nothing is deployed.</summary>
    public List<Freeze> Freezes { get; set; } = [];

    /// <summary>Spans of every week in which nothing is deployed.</summary>
    public List<WeeklyFreeze> FreezeWeekly { get; set; } = [];

    /// <summary>Who stopped deployments by hand; null while they are allowed.</summary>
    public string? LockedBy { get; set; }

    /// <summary>When that was (UTC).</summary>
    public DateTimeOffset? LockedAt { get; set; }

    /// <summary>Why, in their words.</summary>
    public string? LockReason { get; set; }

    /// <summary>Rises with every change; guards against lost updates and is the ETag.</summary>
    public int Revision { get; set; } = 1;
}
