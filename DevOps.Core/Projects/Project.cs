namespace DevOps.Core.Projects;

/// <summary>A repository and how to build and deploy it.</summary>
public sealed class Project
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>Slug; never changes.</summary>
    public required string Key { get; set; }

    /// <summary>Name for people.</summary>
    public required string Name { get; set; }

    /// <summary>What it is, in the team's words.</summary>
    public string Description { get; set; } = "";

    /// <summary>Where the source is.</summary>
    public required RepositorySpec Repository { get; set; }

    /// <summary>How it is built.</summary>
    public required BuildSpec Build { get; set; }

    /// <summary>How it is put on servers.</summary>
    public required DeploySpec Deploy { get; set; }

    /// <summary>Which pushes deploy it.</summary>
    public TriggerSpec Triggers { get; set; } = new();

    /// <summary>Number of the newest release; the next one is one higher.</summary>
    public int LastRelease { get; set; }

    /// <summary>When it was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Rises with every change; guards against lost updates and is the ETag.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>How a release is put on servers: as its commit's file says where it may, otherwise as the project does.</summary>
    /// <param name="deployPart">See <see cref="Releases.Release.DeployPart"/>.</param>
    public DeploySpec DeployOf(string? deployPart) => Repository.AllowDeployFile ? DeployFile.Over(Deploy, deployPart) : Deploy;
}
