using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>An environment's folder on one server.</summary>
internal sealed record FolderClaim(Project Project, DeploymentEnvironment Environment, Server Server, string Path);

/// <summary>Sees to it that no two environments share a folder on a server: they would remove each other's releases.</summary>
internal static class DeployFolders
{
    // One change at a time is compared with the rest; the number is arbitrary and used for nothing else.
    private const long LockKey = 0x6465_706C_6F79_0001;

    /// <summary>Compares the folders of all environments after a change was saved and before it is committed.</summary>
    /// <param name="db">Context with an open transaction.</param>
    /// <param name="changed">Which claims the change concerns.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="Conflict">Two environments would have one folder, or a folder is not allowed once its placeholders are filled in (<c>deployPath</c>).</exception>
    public static async Task DemandUniqueAsync(DevOpsDbContext db, Func<FolderClaim, bool> changed, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
        var claims = await ReadAsync(db, cancellationToken);
        foreach (var claim in claims.Where(changed))
        {
            if (DeployPath.Fault(claim.Path) is { } fault)
            {
                throw new Conflict("deployPath", $"On server {claim.Server.Name} the folder of {claim.Project.Key}/{claim.Environment.Name} would be {claim.Path}. {fault}");
            }

            var other = claims.Find(c => c.Environment.Id != claim.Environment.Id && c.Server.Id == claim.Server.Id && Collide(c.Path, claim.Path));
            if (other is not null)
            {
                throw new Conflict(
                    "deployPath",
                    $"On server {claim.Server.Name} the folder {claim.Path} of {claim.Project.Key}/{claim.Environment.Name} is taken by {other.Project.Key}/{other.Environment.Name} ({other.Path}). "
                    + $"Put {{project}} or {{environment}} into deploy.path, or choose another folder.");
            }
        }
    }

    private static async Task<List<FolderClaim>> ReadAsync(DevOpsDbContext db, CancellationToken cancellationToken)
    {
        var projects = await db.Projects.AsNoTracking().ToDictionaryAsync(p => p.Id, cancellationToken);
        var servers = await db.Servers.AsNoTracking().ToListAsync(cancellationToken);
        var environments = await db.Environments.AsNoTracking().ToListAsync(cancellationToken);
        return [.. from environment in environments
                   let project = projects[environment.ProjectId]
                   from server in EnvironmentServers.Of(environment, servers)
                   let values = new PlaceholderValues(server.Host, server.Name, environment.Name, project.Key, 1)
                   select new FolderClaim(project, environment, server, Placeholders.Expand(project.Deploy.Path, values))];
    }

    // Also refused: a folder inside what the platform itself keeps in another one.
    private static bool Collide(string a, string b) =>
        string.Equals(a, b, StringComparison.Ordinal) || IsInside(a, b) || IsInside(b, a);

    private static bool IsInside(string inner, string outer) =>
        new[] { "releases", "shared", "current" }.Any(part => DeployPath.IsAtOrBelow(inner, $"{outer}/{part}"));
}
