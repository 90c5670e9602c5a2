using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Reads who stands behind a cookie or token, as the account is now: roles, disabled, security stamp, sessions, personal tokens.
/// Remembers it for a few seconds; a change made in this process counts at once, one made in another as soon as its word arrives (<see cref="AccessRelay"/>).</summary>
public sealed class ActorReader(IDbContextFactory<DevOpsDbContext> contexts, TwoFactorDuty duty, ChangeFeed feed, TimeProvider time)
{
    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Guid, Known> _known = new();
    private long _forgotten;

    /// <summary>Tells of every change of an account that was heard of.</summary>
    public AccountChanges Changes { get; } = new();

    /// <summary>The actor, or null when the account is gone or disabled, its sessions were ended, or the personal token was revoked or is over.</summary>
    public async Task<Actor?> ReadAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(principal.FindFirstValue(AccountClaims.Id), out var id))
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (_known.TryGetValue(id, out var known) && now - known.ReadAt < MaxAge && known.Judge(principal, now) is { } actor)
        {
            return await HoldAsync(known, actor, cancellationToken);
        }

        // What is remembered may let in, never keep out: the session may be younger than the memory.
        known = await FindAsync(id, cancellationToken);
        return known?.Judge(principal, now) is { } found ? await HoldAsync(known, found, cancellationToken) : null;
    }

    /// <summary>Forgets what is known of an account and tells whoever has it before open pages and streams. Called after every change of one.</summary>
    public void Forget(Guid accountId) => Forget(new AccountChange(accountId, Here: true));

    internal void Forget(AccountChange change)
    {
        Interlocked.Increment(ref _forgotten);
        if (change.Account is { } id)
        {
            _known.TryRemove(id, out _);
        }
        else
        {
            _known.Clear();
        }

        Changes.Publish(change);
        feed.Publish(new Change(ChangeKind.Account, 0));
    }

    // Without the second factor that the role needs, no role counts.
    private async ValueTask<Actor> HoldAsync(Known known, Actor actor, CancellationToken cancellationToken) =>
        !known.TwoFactor && await duty.FromAsync(cancellationToken) is { } from && known.HighestRole >= from
            ? actor with { Role = Role.None, ProjectRoles = new Dictionary<long, Role>(), OwesSecondFactor = true }
            : actor;

    private async Task<Known?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var forgotten = Interlocked.Read(ref _forgotten);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await db.Users.AsNoTracking().Include(a => a.Projects).SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (account is null)
        {
            _known.TryRemove(id, out _);
            return null;
        }

        var sessions = await db.BrowserSessions.Where(s => s.AccountId == id).Select(s => s.Id).ToHashSetAsync(cancellationToken);
        var tokens = await db.PersonalTokens.AsNoTracking().Where(t => t.AccountId == id).ToDictionaryAsync(t => t.Id, cancellationToken);
        var known = new Known(Of(account), account.Disabled, account.TwoFactorEnabled, account.SecurityStamp ?? "", sessions, tokens, now);

        // Read before a change that was made meanwhile: good for this answer, not for the next ones.
        if (forgotten == Interlocked.Read(ref _forgotten))
        {
            _known[id] = known;
        }

        return known;
    }

    internal static Actor Of(Account account, string? address = null) =>
        new(account.UserName!, account.Role, account.Projects.ToDictionary(p => p.ProjectId, p => p.Role), address);

    private sealed record Known(
        Actor Actor, bool Disabled, bool TwoFactor, string Stamp, IReadOnlySet<Guid> Sessions, IReadOnlyDictionary<long, PersonalToken> Tokens, DateTimeOffset ReadAt)
    {
        public Role HighestRole => Actor.ProjectRoles.Values.Append(Actor.Role).Max();

        public Actor? Judge(ClaimsPrincipal principal, DateTimeOffset now)
        {
            if (Disabled)
            {
                return null;
            }

            var actor = Actor with { Address = principal.FindFirstValue(AccountClaims.Address) };
            return principal.FindFirstValue(AccountClaims.Token) is { } token
                ? WithToken(actor, token, now)
                : WithSession(actor, principal.FindFirstValue(AccountClaims.Stamp), principal.FindFirstValue(AccountClaims.Session));
        }

        // A token outlives passwords and sessions: it is revoked by itself.
        private Actor? WithToken(Actor actor, string id, DateTimeOffset now) =>
            long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && Tokens.TryGetValue(number, out var token) && !(token.ExpiresAt <= now)
                ? actor with { Scope = token.Scope, Until = token.ExpiresAt }
                : null;

        private Actor? WithSession(Actor actor, string? stamp, string? session)
        {
            if (!string.Equals(Stamp, stamp, StringComparison.Ordinal))
            {
                return null;
            }

            if (session is null)
            {
                return actor;
            }

            return Guid.TryParse(session, out var id) && Sessions.Contains(id) ? actor with { Session = id } : null;
        }
    }
}
