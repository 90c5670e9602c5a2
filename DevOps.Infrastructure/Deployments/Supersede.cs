using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A newer deployment takes the place of those that still wait. One that waits for approval takes only the place of others that do: it may never run.</summary>
internal static class Supersede
{
    /// <summary>Ends what the newer one covers. A request for one server does not swallow one for another.</summary>
    /// <returns>Numbers of those that ended.</returns>
    public static async Task<IReadOnlyList<long>> RunAsync(DevOpsDbContext db, AuditTrail audit, Actor actor, Deployment newer, DeploymentEnvironment environment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!environment.Supersede)
        {
            return [];
        }

        // The newest first: whoever approves one has locked it and comes to the older ones then, in the same order.
        var withQueued = newer.Status == DeploymentStatus.Queued;
        var waiting = await db.Deployments.AsNoTracking().Include(d => d.Servers)
            .Where(d => d.EnvironmentId == environment.Id && d.Id < newer.Id
                && (d.Status == DeploymentStatus.PendingApproval || (withQueued && d.Status == DeploymentStatus.Queued)))
            .OrderByDescending(d => d.Id)
            .ToListAsync(cancellationToken);
        var covered = newer.Servers.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var superseded = new List<long>();
        foreach (var older in waiting.Where(d => d.Servers.TrueForAll(s => covered.Contains(s.Name))))
        {
            // Its job stays in the queue: who takes it finds a final state and is done.
            if (await DeploymentMoves.EndWaitingAsync(db, older.Id, older.Status, DeploymentStatus.Superseded, now, $"Deployment #{newer.Id} took its place.", cancellationToken))
            {
                audit.Add(db, actor, "deployment.supersede", AddDeployment.Subject(older.Id), $"{environment.Name}: #{newer.Id} took its place");
                superseded.Add(older.Id);
            }
        }

        return superseded;
    }
}
