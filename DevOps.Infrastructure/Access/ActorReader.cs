using System.Collections.Concurrent;
using System.Security.Claims;
using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Reads who stands behind a cookie or token, as the account is now: roles, disabled, security stamp.
/// Remembers it for a few seconds, so that a change made in another process counts soon and one made in this process at once.</summary>
public sealed class ActorReader(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Guid, Known> _known = new();

    /// <summary>The actor, or null when the account is gone, disabled, or ended its sessions.</summary>
    public async Task<Actor?> ReadAsync(ClaimsPrincipal principal, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(principal.FindFirstValue(AccountClaims.Id), out var id))
        {
            return null;
        }

        var known = await FindAsync(id, cancellationToken);
        return known is null || known.Disabled || !string.Equals(known.Stamp, principal.FindFirstValue(AccountClaims.Stamp), StringComparison.Ordinal)
            ? null
            : known.Actor with { Address = principal.FindFirstValue(AccountClaims.Address) };
    }

    /// <summary>Forgets what is known of an account. Called after every change of one.</summary>
    public void Forget(Guid accountId) => _known.TryRemove(accountId, out _);

    private async Task<Known?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(id, out var known) && now - known.ReadAt < MaxAge)
        {
            return known;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await db.Users.AsNoTracking().Include(a => a.Projects).SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (account is null)
        {
            Forget(id);
            return null;
        }

        known = new Known(Of(account), account.Disabled, account.SecurityStamp ?? "", now);
        _known[id] = known;
        return known;
    }

    internal static Actor Of(Account account, string? address = null) =>
        new(account.UserName!, account.Role, account.Projects.ToDictionary(p => p.ProjectId, p => p.Role), address);

    private sealed record Known(Actor Actor, bool Disabled, string Stamp, DateTimeOffset ReadAt);
}
