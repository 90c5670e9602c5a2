using System.Security.Claims;
using DevOps.Core;
using DevOps.Core.Events;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Notes a browser that signs in. Every sign-in is a session of its own, so that a planted or older one is never taken over.</summary>
public sealed class StartSession(IDbContextFactory<DevOpsDbContext> contexts, ActorReader actors, ChangeFeed feed, TimeProvider time)
{
    private const int MaxPerAccount = 100;
    private const int MaxUserAgent = 300;

    /// <summary>Makes the session and binds the principal to it.</summary>
    /// <param name="principal">Who signs in.</param>
    /// <param name="replaced">The session the same browser was in before; it ends.</param>
    /// <param name="address">Where the browser is.</param>
    /// <param name="userAgent">What it calls itself.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task RunAsync(ClaimsPrincipal principal, Guid? replaced, string address, string userAgent, CancellationToken cancellationToken)
    {
        var account = Guid.Parse(principal.FindFirstValue(AccountClaims.Id)!);
        var now = time.GetUtcNow();
        var session = new BrowserSession
        {
            Id = Guid.NewGuid(),
            AccountId = account,
            Stamp = principal.FindFirstValue(AccountClaims.Stamp) ?? "",
            CreatedAt = now,
            LastSeenAt = now,
            Address = address,
            UserAgent = Excerpt.Of(userAgent, MaxUserAgent),
        };
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var oldest = db.BrowserSessions.Where(s => s.AccountId == account).OrderByDescending(s => s.LastSeenAt).Skip(MaxPerAccount - 1).Select(s => s.Id);
        await db.BrowserSessions.Where(s => s.Id == replaced || oldest.Contains(s.Id)).ExecuteDeleteAsync(cancellationToken);
        db.BrowserSessions.Add(session);
        await db.SaveChangesAsync(cancellationToken);
        AccountClaims.SetSession(principal, session.Id);
        actors.Forget(account);
        feed.Publish(new Change(ChangeKind.Account, 0));
    }
}
