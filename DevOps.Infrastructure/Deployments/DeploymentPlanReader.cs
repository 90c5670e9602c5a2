using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Secrets;
using DevOps.Infrastructure.Servers;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Makes a runner's plan of a deployment's rows, with every secret opened.</summary>
public sealed class DeploymentPlanReader(
    IDbContextFactory<DevOpsDbContext> contexts,
    RepositoryAccessReader repositories,
    ServerAccessReader servers,
    SecretReader secrets,
    PlatformOptions options)
{
    /// <summary>Reads the plan.</summary>
    /// <exception cref="StepFailure">Something the deployment needs is gone: a server, a credential, a key.</exception>
    public async Task<DeploymentPlan> ReadAsync(Deployment deployment, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.Projects.AsNoTracking().SingleAsync(p => p.Id == deployment.ProjectId, cancellationToken);
        var environment = await db.Environments.AsNoTracking().SingleAsync(e => e.Id == deployment.EnvironmentId, cancellationToken);
        var buildSecrets = await secrets.ReadAsync(SecretScope.Build, project.Id, cancellationToken);
        var environmentSecrets = await secrets.ReadAsync(SecretScope.Environment, environment.Id, cancellationToken);
        return new DeploymentPlan
        {
            DeploymentId = deployment.Id,
            ProjectId = project.Id,
            ProjectKey = project.Key,
            Environment = environment.Name,
            Repository = await repositories.ReadAsync(project.Repository, cancellationToken),
            Reference = deployment.RequestedRef,
            Build = project.Build,
            BuildSecrets = buildSecrets,
            Deploy = project.Deploy,
            ProjectDeploy = project.Deploy,
            AllowDeployFile = project.Repository.AllowDeployFile,
            Variables = Merge(environment.Variables, environmentSecrets),
            SecretNames = environmentSecrets.Keys.ToHashSet(StringComparer.Ordinal),
            Files = environment.Files.ToDictionary(f => f.Key, f => new Sensitive(f.Value), StringComparer.Ordinal),
            Servers = await ServersAsync(db, deployment, project, environment, cancellationToken),
            Release = deployment.Release,
            Commit = CommitOf(deployment),
            Workspace = Path.Combine(options.Folder("workspaces"), deployment.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        };
    }

    private static Dictionary<string, Sensitive> Merge(IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, Sensitive> secrets)
    {
        var all = variables.ToDictionary(v => v.Key, v => new Sensitive(v.Value), StringComparer.Ordinal);
        foreach (var (name, value) in secrets)
        {
            all[name] = value;
        }

        return all;
    }

    private static SourceCommit? CommitOf(Deployment d) =>
        d.CommitSha is { } sha ? new SourceCommit(sha, d.CommitMessage ?? "", d.CommitAuthor ?? "", d.CommitRef ?? d.RequestedRef, d.CommitAt ?? default) : null;

    private async Task<IReadOnlyList<ServerPlan>> ServersAsync(DevOpsDbContext db, Deployment deployment, Project project, DeploymentEnvironment environment, CancellationToken cancellationToken)
    {
        var known = await db.Applications.AsNoTracking().Where(a => a.EnvironmentId == environment.Id).ToDictionaryAsync(a => a.ServerId, a => a.Release, cancellationToken);
        var rows = deployment.Servers.OrderBy(s => s.Position).ToList();
        if (rows.Find(r => r.ServerId is null) is { } gone)
        {
            throw new StepFailure($"The server {gone.Name} was removed from the platform. Deploy again without it.");
        }

        var access = await servers.ReadAsync([.. rows.Select(r => r.ServerId!.Value)], cancellationToken);
        return [.. rows.Select(row => PlanOf(row, access[row.ServerId!.Value]))];

        ServerPlan PlanOf(DeploymentServer row, ServerAccess server) => new()
        {
            Name = row.Name,
            Access = server,
            Path = Placeholders.Expand(project.Deploy.Path, new PlaceholderValues(server.Host, server.Name, environment.Name, project.Key, deployment.Release ?? 0)),
            KnownRelease = known.TryGetValue(server.Id, out var release) ? release : null,
        };
    }
}
