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
        var from = RoleOf(word);
        _known = new Known(from, now);
        return from;
    }

    /// <summary>What the setting is compared by when it is replaced: its own word.</summary>
    public static string TagOf(Role? from) => from is { } role ? Json.Word(role) : "nobody";

    internal static Role? RoleOf(string? stored) => stored is null ? null : Enum.Parse<Role>(stored, ignoreCase: true);

    internal void Forget() => _known = null;

    private sealed record Known(Role? From, DateTimeOffset ReadAt);
}
