using DevOps.Core.Environments;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Which servers an environment has at this moment: those it names, in its order, then those that bear one of its tags, by name.</summary>
internal static class EnvironmentServers
{
    public static async Task<List<Server>> ReadAsync(DevOpsDbContext db, DeploymentEnvironment environment, CancellationToken cancellationToken)
    {
        var found = await db.Servers.AsNoTracking()
            .Where(s => environment.Servers.Contains(s.Name) || s.Tags.Any(t => environment.ServerTags.Contains(t)))
            .ToListAsync(cancellationToken);
        return
        [
            .. found.OrderBy(s => environment.Servers.IndexOf(s.Name) is var i && i >= 0 ? i : int.MaxValue).ThenBy(s => s.Name, StringComparer.Ordinal),
        ];
    }
}
