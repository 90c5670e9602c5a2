using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Knows from which role on a second factor is required. Remembered for a few seconds, as actors are.</summary>
public sealed class TwoFactorDuty(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    internal const string Setting = "access.twoFactorFrom";
    private volatile Known? _known;

    /// <summary>The lowest role that needs a second factor; null when none does.</summary>
    public async ValueTask<Role?> FromAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known is { } known && now - known.ReadAt < ActorReader.MaxAge)
        {
            return known.From;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var word = await db.Settings.Where(s => s.Key == Setting).Select(s => s.Value).SingleOrDefaultAsync(cancellationToken);
        Role? from = word is null ? null : Enum.Parse<Role>(word, ignoreCase: true);
        _known = new Known(from, now);
        return from;
    }

    internal void Forget() => _known = null;

    private sealed record Known(Role? From, DateTimeOffset ReadAt);
}
