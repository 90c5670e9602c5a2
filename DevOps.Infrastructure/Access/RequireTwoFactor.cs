using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Says from which role on a second factor is required. Who owes one is led to set it up and can do nothing else until then.</summary>
public sealed class RequireTwoFactor(IDbContextFactory<DevOpsDbContext> contexts, TwoFactorDuty duty, AuditTrail audit, ActorReader actors)
{
    /// <summary>Changes the setting.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="from">The lowest role that needs a second factor; null: none does.</param>
    /// <param name="expectedTag">Tag of the setting that the caller has read (<see cref="TwoFactorDuty.TagOf"/>), or null to replace whatever is there.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <exception cref="Forbidden">The actor may not change settings.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    public async Task RunAsync(Actor actor, Role? from, string? expectedTag, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SettingsLock.TakeAsync(db, cancellationToken);
        var setting = await db.Settings.SingleOrDefaultAsync(s => s.Key == TwoFactorDuty.Setting, cancellationToken);
        var before = TwoFactorDuty.RoleOf(setting?.Value);
        if (expectedTag is not null && !string.Equals(expectedTag, TwoFactorDuty.TagOf(before), StringComparison.Ordinal))
        {
            throw new Stale("The settings");
        }

        Write(db, setting, from);
        db.NoteChange("requiredFrom", before, from);
        audit.Add(db, actor, "settings.twoFactor", "settings/access", from is { } lowest ? $"Two-factor sign-in is required from the role {Json.Word(lowest)} on." : "Two-factor sign-in is required of nobody.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        duty.Forget();

        // Open pages and streams look again whether they may stay.
        actors.Forget(new AccountChange(null, Here: true));
    }

    private static void Write(DevOpsDbContext db, Setting? setting, Role? from)
    {
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
    }
}
