using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Retention;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>Gives access tokens a new key when the present one is old, and removes keys whose last token is over.</summary>
internal sealed class OldSigningKeys(
    IDbContextFactory<DevOpsDbContext> contexts, SigningKeys keys, DatabaseSignals signals, IOptions<AccessOptions> options, TimeProvider time) : IHousekeeping
{
    public string Subject => "signing keys whose tokens are over";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await keys.MakeAsync(db, now - TimeSpan.FromDays(options.Value.SigningKeyDays), cancellationToken) is { } made)
        {
            _ = signals.NotifyAsync(RotateSigningKey.Channel, made.Kid);
        }

        var retired = await db.SigningKeys.AsNoTracking().Where(k => k.RetiredAt != null).Select(k => new { k.Kid, At = k.RetiredAt!.Value }).ToListAsync(cancellationToken);
        var over = retired.Where(k => keys.End(k.At) <= now).Select(k => k.Kid).ToList();
        return await db.SigningKeys.Where(k => over.Contains(k.Kid)).ExecuteDeleteAsync(cancellationToken);
    }
}
