using System.Text.Json.Serialization;

namespace DevOps.Core.Projects;

/// <summary>What a deployment is built and put on servers with, fixed once its commit is known.</summary>
/// <param name="Build">How it is built; null when the deployment was given a release that was there before.</param>
/// <param name="Deploy">How it is put on servers.</param>
/// <param name="DeployPart">See <see cref="DeployFile.DeployPart"/>; null when the project's settings alone count.</param>
public sealed record DeployConfig(BuildSpec? Build, DeploySpec Deploy, string? DeployPart)
{
    /// <summary>Who said so.</summary>
    [JsonIgnore]
    public ConfigSource Source => DeployPart is null ? ConfigSource.Project : ConfigSource.DeployFile;
}

/// <summary>Where a configuration comes from.</summary>
public enum ConfigSource
{
    /// <summary>The project's settings alone.</summary>
    Project,

    /// <summary>The project's settings with the commit's <c>deploy.yml</c> over them.</summary>
    DeployFile,
}
