namespace DevOps.Core.Deployments.Steps;

/// <summary>What commands on a server are told of where they are.</summary>
public sealed record ServerContext
{
    /// <summary>Key of the project.</summary>
    public required string Project { get; init; }

    /// <summary>Name of the environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Name of the server.</summary>
    public required string Server { get; init; }

    /// <summary>Number of the release that the command is about.</summary>
    public required int Release { get; init; }

    /// <summary>Number of the release before it.</summary>
    public int? Previous { get; init; }

    /// <summary>Full hash of the release's commit; empty while it is not known.</summary>
    public required string Commit { get; init; }

    /// <summary>Branch or tag of the commit.</summary>
    public required string Ref { get; init; }

    /// <summary>The deployment that made it current, or is about to.</summary>
    public required long DeploymentId { get; init; }

    /// <summary>The project's folder on the server, absolute.</summary>
    public required string Path { get; init; }
}
