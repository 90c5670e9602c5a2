using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>A server as it is shown.</summary>
/// <param name="Server">The row.</param>
/// <param name="Credential">Name of its credential.</param>
/// <param name="JumpServer">Name of the server to go through, or null.</param>
/// <param name="UsedBy">Environments it belongs to, by name or tag: <c>shop/production</c>; only those that may be seen.</param>
public sealed record ServerView(Server Server, string Credential, string? JumpServer, IReadOnlyList<string> UsedBy);

/// <summary>Reads servers.</summary>
public sealed class ServerQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>One page, newest first.</summary>
    public async Task<Listing<ServerView>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.ServerRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var total = await db.Servers.LongCountAsync(cancellationToken);
        var rows = await Rows(db).OrderByDescending(r => r.Server.Id).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new(await WithUsersAsync(db, actor, rows, cancellationToken), page.Page, page.PageSize, total);
    }

    /// <summary>One server.</summary>
    /// <exception cref="NotFound">There is no such server.</exception>
    public async Task<ServerView> GetAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.ServerRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await Rows(db).SingleOrDefaultAsync(r => r.Server.Name == name, cancellationToken) ?? throw new NotFound("The server");
        return (await WithUsersAsync(db, actor, [row], cancellationToken))[0];
    }

    private static IQueryable<Row> Rows(DevOpsDbContext db) =>
        from s in db.Servers.AsNoTracking()
        join c in db.Credentials on s.CredentialId equals c.Id
        join j in db.Servers on s.JumpServerId equals j.Id into jumps
        from j in jumps.DefaultIfEmpty()
        select new Row { Server = s, Credential = c.Name, JumpServer = j == null ? null : j.Name };

    private static async Task<IReadOnlyList<ServerView>> WithUsersAsync(DevOpsDbContext db, Actor actor, List<Row> rows, CancellationToken cancellationToken)
    {
        var environments = await (from e in db.Environments.AsNoTracking()
                                  join p in db.Projects on e.ProjectId equals p.Id
                                  orderby p.Key, e.Position, e.Name
                                  select new { p.Key, Environment = e }).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new ServerView(
            r.Server,
            r.Credential,
            r.JumpServer,
            [.. environments
                .Where(e => actor.May(Permission.ProjectRead, e.Environment.ProjectId) && EnvironmentServers.Of(e.Environment, [r.Server]).Count > 0)
                .Select(e => $"{e.Key}/{e.Environment.Name}")]))];
    }

    private sealed class Row
    {
        public required Server Server { get; init; }

        public required string Credential { get; init; }

        public string? JumpServer { get; init; }
    }
}
