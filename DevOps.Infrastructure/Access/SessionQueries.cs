using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A browser that is signed in, as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CreatedAt">When it signed in.</param>
/// <param name="LastSeenAt">When it was last seen, to the minute.</param>
/// <param name="Address">From where it was last seen.</param>
/// <param name="UserAgent">What the browser calls itself.</param>
/// <param name="Current">Whether the question comes from it.</param>
public sealed record SessionView(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, string Address, string UserAgent, bool Current);

/// <summary>Reads the sessions of who asks.</summary>
public sealed class SessionQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>A page of the actor's sessions, last seen first.</summary>
    public async Task<Listing<SessionView>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var own = Own(db, actor);
        var total = await own.LongCountAsync(cancellationToken);
        var rows = await own.OrderByDescending(s => s.LastSeenAt).ThenByDescending(s => s.Id).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new Listing<SessionView>([.. rows.Select(s => View(s, actor))], page.Page, page.PageSize, total);
    }

    /// <summary>One of the actor's sessions.</summary>
    /// <exception cref="NotFound">The actor has no such session.</exception>
    public async Task<SessionView> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return View(await Own(db, actor).SingleOrDefaultAsync(s => s.Id == id, cancellationToken) ?? throw new NotFound($"Session {id}"), actor);
    }

    // A session from before a new password is over, though its row waits for the housekeeping.
    private static IQueryable<BrowserSession> Own(DevOpsDbContext db, Actor actor) =>
        db.BrowserSessions.AsNoTracking().Where(s => db.Users.Any(a => a.Id == s.AccountId && a.UserName == actor.Name && a.SecurityStamp == s.Stamp));

    private static SessionView View(BrowserSession session, Actor actor) =>
        new(session.Id, session.CreatedAt, session.LastSeenAt, session.Address, session.UserAgent, session.Id == actor.Session);
}
