namespace DevOps.Core.Events;

/// <summary>What happened to a deployment.</summary>
public enum DeploymentEventKind
{
    /// <summary>It was asked for.</summary>
    Created,

    /// <summary>It moved to another state.</summary>
    Status,

    /// <summary>One of its steps moved to another state.</summary>
    Step,

    /// <summary>One of its servers moved to another state or release.</summary>
    Server,

    /// <summary>A person decided about it.</summary>
    Approval,
}

/// <summary>One entry of the durable history of changes. Written by the database in the transaction of the change itself, so that none is lost
/// and none tells of what was rolled back; ids rise in the order of the commits.</summary>
public sealed class DeploymentEvent
{
    /// <summary>Row id. Whoever has seen an id has seen every lower one that there will ever be.</summary>
    public long Id { get; set; }

    /// <summary>When it happened (UTC, by the database's clock).</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>What happened.</summary>
    public DeploymentEventKind Kind { get; set; }

    /// <summary>The deployment.</summary>
    public long DeploymentId { get; set; }

    /// <summary>Its project.</summary>
    public long ProjectId { get; set; }

    /// <summary>Its environment.</summary>
    public long EnvironmentId { get; set; }

    /// <summary>What is new, as a JSON object: <c>{"status": "running", "previous": "queued"}</c>.</summary>
    public string Data { get; set; } = "{}";
}
