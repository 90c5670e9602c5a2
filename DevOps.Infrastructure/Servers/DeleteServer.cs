using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Deletes a server that nothing uses. What runs on it stays there.</summary>
public sealed class DeleteServer(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Deletes it.</summary>
    /// <exception cref="Conflict">An environment names it, another server is reached through it (<c>inUse</c>), or a deployment runs on it (<c>running</c>).</exception>
    public async Task RunAsync(Actor actor, string name, int? expectedRevision, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var server = await db.LockServerAsync(actor, name, Permission.ServerEdit, cancellationToken);
        Saving.DemandRevision(server.Revision, expectedRevision, $"Server {name}");
        await DemandUnusedAsync(db, server.Id, name, cancellationToken);
        db.Servers.Remove(server);
        audit.Add(db, actor, "server.delete", $"server/{name}", $"Deleted server {name} ({server.Host} port {server.Port}).");
        await db.SaveAsync($"Server {name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Server, server.Id));
    }

    private static async Task DemandUnusedAsync(DevOpsDbContext db, long id, string name, CancellationToken cancellationToken)
    {
        var environments = await (from e in db.Environments
                                  join p in db.Projects on e.ProjectId equals p.Id
                                  where e.Servers.Contains(name)
                                  orderby p.Key, e.Name
                                  select p.Key + "/" + e.Name).ToListAsync(cancellationToken);
        if (environments.Count > 0)
        {
            throw new Conflict("inUse", $"Server {name} belongs to {string.Join(", ", environments)}. Take it out of there first.");
        }

        var behind = await db.Servers.Where(s => s.JumpServerId == id).Select(s => s.Name).Order().ToListAsync(cancellationToken);
        if (behind.Count > 0)
        {
            throw new Conflict("inUse", $"{string.Join(", ", behind)} can only be reached through {name}. Give them another way first.");
        }

        var running = await (from s in db.DeploymentServers
                             join d in db.Deployments on s.DeploymentId equals d.Id
                             where s.ServerId == id && d.Status == DeploymentStatus.Running
                             select d.Id).FirstOrDefaultAsync(cancellationToken);
        if (running != 0)
        {
            throw new Conflict("running", $"Deployment #{running} is running on server {name}. Cancel it or wait for its end.");
        }
    }
}
