namespace DevOps.Core.Environments;

/// <summary>A project as it runs on one server of one environment: written when a release becomes current there.</summary>
public sealed class Application
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The environment.</summary>
    public long EnvironmentId { get; set; }

    /// <summary>The server.</summary>
    public long ServerId { get; set; }

    /// <summary>The project's folder on the server.</summary>
    public required string Path { get; set; }

    /// <summary>Number of the release that is current.</summary>
    public int Release { get; set; }

    /// <summary>Number of the release that was current before, if any.</summary>
    public int? PreviousRelease { get; set; }

    /// <summary>Deployment that made it current.</summary>
    public long DeploymentId { get; set; }

    /// <summary>When it became current (UTC).</summary>
    public DateTimeOffset ActivatedAt { get; set; }

    /// <summary>Number of the release that the server itself last said is current; null when it named none.</summary>
    public int? ObservedRelease { get; set; }

    /// <summary>When the server was last asked (UTC).</summary>
    public DateTimeOffset? ObservedAt { get; set; }

    /// <summary>Whether the server runs another release than was deployed. What was seen before the last activation says nothing.</summary>
    public bool HasDrifted => ObservedAt > ActivatedAt && ObservedRelease != Release;

    /// <summary>Whether the last health check after activation was good; null when none was asked for.</summary>
    public bool? Healthy { get; set; }
}
