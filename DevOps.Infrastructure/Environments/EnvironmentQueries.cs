using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>An environment as it is shown.</summary>
/// <param name="Environment">The row.</param>
/// <param name="SecretNames">Names of its secrets.</param>
/// <param name="AllServers">Names of the servers that belong to it now, by name or tag, in the order of a deployment.</param>
public sealed record EnvironmentView(DeploymentEnvironment Environment, IReadOnlyList<string> SecretNames, IReadOnlyList<string> AllServers);

/// <summary>Reads environments.</summary>
public sealed class EnvironmentQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>All environments of a project, in their order.</summary>
    /// <exception cref="NotFound">The project is not there, or the actor may not see it.</exception>
    public async Task<IReadOnlyList<EnvironmentView>> ListAsync(Actor actor, string projectKey, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var environments = await db.Environments.AsNoTracking().Where(e => e.ProjectId == project.Id).OrderBy(e => e.Position).ThenBy(e => e.Name).ToListAsync(cancellationToken);
        var ids = environments.ConvertAll(e => e.Id);
        var secrets = await db.Secrets.Where(s => s.Scope == SecretScope.Environment && ids.Contains(s.OwnerId))
            .OrderBy(s => s.Name).Select(s => new { s.OwnerId, s.Name }).ToListAsync(cancellationToken);
        var servers = await db.Servers.AsNoTracking().ToListAsync(cancellationToken);
        return [.. environments.Select(e => new EnvironmentView(
            e,
            [.. secrets.Where(s => s.OwnerId == e.Id).Select(s => s.Name)],
            [.. EnvironmentServers.Of(e, servers).Select(s => s.Name)]))];
    }

    /// <summary>One environment.</summary>
    /// <exception cref="NotFound">It is not there, or the actor may not see its project.</exception>
    public async Task<EnvironmentView> GetAsync(Actor actor, string projectKey, string name, CancellationToken cancellationToken)
    {
        var all = await ListAsync(actor, projectKey, cancellationToken);
        return all.FirstOrDefault(e => string.Equals(e.Environment.Name, name, StringComparison.Ordinal)) ?? throw new NotFound("The environment");
    }
}
