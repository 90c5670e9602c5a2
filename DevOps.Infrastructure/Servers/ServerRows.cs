using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Finds a server for someone. Servers belong to the whole platform.</summary>
internal static class ServerRows
{
    /// <summary>Reads a server without tracking it.</summary>
    /// <exception cref="NotFound">It is not there.</exception>
    /// <exception cref="Forbidden">The actor lacks the permission.</exception>
    public static async Task<Server> FindServerAsync(this DevOpsDbContext db, Actor actor, string name, Permission permission, CancellationToken cancellationToken)
    {
        actor.Demand(permission);
        return await db.Servers.AsNoTracking().SingleOrDefaultAsync(s => s.Name == name, cancellationToken) ?? throw Missing(name);
    }

    /// <summary>Reads a server and locks its row until the transaction ends.</summary>
    /// <exception cref="NotFound">It is not there.</exception>
    /// <exception cref="Forbidden">The actor lacks the permission.</exception>
    public static async Task<Server> LockServerAsync(this DevOpsDbContext db, Actor actor, string name, Permission permission, CancellationToken cancellationToken)
    {
        actor.Demand(permission);
        var rows = await db.Servers.FromSql($"SELECT * FROM servers WHERE name = {name} FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        return rows.SingleOrDefault() ?? throw Missing(name);
    }

    private static NotFound Missing(string name) => Core.Slug.IsValid(name) ? new($"Server {name}") : new("The server");
}
