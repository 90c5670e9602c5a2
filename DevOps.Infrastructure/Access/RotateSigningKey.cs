using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Makes a new key for access tokens at an administrator's wish. Tokens that were signed before stay valid to their end.</summary>
public sealed class RotateSigningKey(IDbContextFactory<DevOpsDbContext> contexts, SigningKeys keys, DatabaseSignals signals, AuditTrail audit)
{
    internal const string Channel = "signing-key";

    /// <summary>Makes the key.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="Forbidden">The actor may not change settings.</exception>
    public async Task<string> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        audit.Add(db, actor, "signingKey.rotate", "settings", "Made a new key for access tokens.");
        var made = await keys.MakeAsync(db, DateTimeOffset.MaxValue, cancellationToken);
        _ = signals.NotifyAsync(Channel, made!.Kid);
        return made.Kid;
    }
}
