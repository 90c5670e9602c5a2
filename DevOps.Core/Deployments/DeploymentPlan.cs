using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;

namespace DevOps.Core.Deployments;

/// <summary>Everything a runner needs to know of a deployment: a copy of the rows at the moment it was taken, secrets opened.</summary>
public sealed record DeploymentPlan
{
    /// <summary>The deployment's number.</summary>
    public required long DeploymentId { get; init; }

    /// <summary>The project's row id.</summary>
    public required long ProjectId { get; init; }

    /// <summary>The project's key.</summary>
    public required string ProjectKey { get; init; }

    /// <summary>The environment's name.</summary>
    public required string Environment { get; init; }

    /// <summary>Where the source is.</summary>
    public required RepositoryAccess Repository { get; init; }

    /// <summary>Branch, tag or commit that was asked for; empty when a release was.</summary>
    public required string Reference { get; init; }

    /// <summary>How it is built.</summary>
    public required BuildSpec Build { get; init; }

    /// <summary>See <see cref="BuildSpec.Fingerprint"/>.</summary>
    public string BuildFingerprint => Build.Fingerprint(BuildSecrets.Keys, Repository.Submodules);

    /// <summary>Secrets of the build.</summary>
    public required IReadOnlyDictionary<string, Sensitive> BuildSecrets { get; init; }

    /// <summary>How it is put on servers.</summary>
    public required DeploySpec Deploy { get; init; }

    /// <summary>How the project's settings put it on servers, whatever a file says.</summary>
    public required DeploySpec ProjectDeploy { get; init; }

    /// <summary>See <see cref="RepositorySpec.AllowDeployFile"/>.</summary>
    public required bool AllowDeployFile { get; init; }

    /// <summary>Variables and secrets of the environment.</summary>
    public required IReadOnlyDictionary<string, Sensitive> Variables { get; init; }

    /// <summary>Names of the secrets among <see cref="Variables"/>.</summary>
    public required IReadOnlySet<string> SecretNames { get; init; }

    /// <summary>Files of the environment.</summary>
    public required IReadOnlyDictionary<string, Sensitive> Files { get; init; }

    /// <summary>The servers, in order.</summary>
    public required IReadOnlyList<ServerPlan> Servers { get; init; }

    /// <summary>Number of the release, when it is known already.</summary>
    public int? Release { get; init; }

    /// <summary>The commit, when it is known already.</summary>
    public SourceCommit? Commit { get; init; }

    /// <summary>Local folder for this deployment's source and build output; removed at the end.</summary>
    public required string Workspace { get; init; }

    /// <summary>Everything that must never be read in a log.</summary>
    public IEnumerable<Sensitive> AllSecrets()
    {
        var access = Servers.SelectMany(s => WithJumps(s.Access)).Select(a => a.Secret);
        return BuildSecrets.Values.Concat(SecretNames.Select(n => Variables[n])).Append(Repository.Secret).Concat(access);
    }

    /// <summary>The same with what a deployment is built and put on servers with.</summary>
    public DeploymentPlan With(DeployConfig config) => this with { Build = config.Build ?? Build, Deploy = config.Deploy };

    /// <summary>What a release that is there already is put on servers with.</summary>
    /// <param name="deployPart">See <see cref="Releases.Release.DeployPart"/>.</param>
    public DeployConfig ConfigOf(string? deployPart)
    {
        var part = AllowDeployFile ? deployPart : null;
        return new DeployConfig(null, DeployFile.Over(ProjectDeploy, part), part);
    }

    private static IEnumerable<ServerAccess> WithJumps(ServerAccess? access)
    {
        for (; access is not null; access = access.Jump)
        {
            yield return access;
        }
    }
}

/// <summary>One server of a plan.</summary>
public sealed record ServerPlan
{
    /// <summary>The server's name.</summary>
    public required string Name { get; init; }

    /// <summary>How to reach it.</summary>
    public required ServerAccess Access { get; init; }

    /// <summary>The project's folder on it, placeholders filled in.</summary>
    public required string Path { get; init; }

    /// <summary>Number of the release that the platform last saw current on it.</summary>
    public int? KnownRelease { get; init; }
}
