using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Says from which role on a second factor is required. Who owes one is led to set it up and can do nothing else until then.</summary>
public sealed class RequireTwoFactor(IDbContextFactory<DevOpsDbContext> contexts, TwoFactorDuty duty, AuditTrail audit, ActorReader actors)
{
    /// <summary>Changes the setting.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="from">The lowest role that needs a second factor; null: none does.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <exception cref="Forbidden">The actor may not change settings.</exception>
    public async Task RunAsync(Actor actor, Role? from, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var setting = await db.Settings.SingleOrDefaultAsync(s => s.Key == TwoFactorDuty.Setting, cancellationToken);
        if (from is not { } role)
        {
            db.Settings.RemoveRange(setting is null ? [] : [setting]);
        }
        else if (setting is null)
        {
            db.Settings.Add(new Setting { Key = TwoFactorDuty.Setting, Value = Json.Word(role) });
        }
        else
        {
            setting.Value = Json.Word(role);
        }

        audit.Add(db, actor, "settings.twoFactor", "settings/access", from is { } lowest ? $"Two-factor sign-in is required from the role {Json.Word(lowest)} on." : "Two-factor sign-in is required of nobody.");
        await db.SaveChangesAsync(cancellationToken);
        duty.Forget();

        // Open pages and streams look again whether they may stay.
        actors.Forget(new AccountChange(null, Here: true));
    }
}
