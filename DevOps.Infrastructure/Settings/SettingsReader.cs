using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Settings;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Retention;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Settings;

/// <summary>Reads what is set for the installation, as it is now. What nobody has set on the page comes from the configuration.</summary>
public sealed class SettingsReader(IDbContextFactory<DevOpsDbContext> contexts, IOptions<RetentionOptions> defaults)
{
    internal const string Key = "platform.settings";

    /// <summary>For the platform's own work.</summary>
    public async Task<PlatformSettings> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return (await StoredAsync(db, cancellationToken)).Settings;
    }

    /// <summary>For administrators, with the number to compare with when it is changed.</summary>
    public async Task<StoredSettings> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await StoredAsync(db, cancellationToken);
    }

    internal async Task<StoredSettings> StoredAsync(DevOpsDbContext db, CancellationToken cancellationToken)
    {
        var text = await db.Settings.AsNoTracking().Where(s => s.Key == Key).Select(s => s.Value).SingleOrDefaultAsync(cancellationToken);
        if (text is null)
        {
            return new StoredSettings(Defaults(), 0);
        }

        var stored = JsonSerializer.Deserialize<StoredSettings>(text, Json.Options)!;

        // What was stored before the log's own limit was a setting must not shorten what the configuration says.
        return text.Contains("\"auditDays\"", StringComparison.Ordinal)
            ? stored
            : stored with { Settings = stored.Settings with { Retention = stored.Settings.Retention with { AuditDays = defaults.Value.AuditDays } } };
    }

    private PlatformSettings Defaults() => new()
    {
        Retention = new RetentionLimits
        {
            LogDays = defaults.Value.LogDays,
            ReleasesPerProject = defaults.Value.ReleasesPerProject,
            ReleaseDays = defaults.Value.ReleaseDays,
            EventDays = defaults.Value.EventDays,
            DeliveryDays = defaults.Value.DeliveryDays,
            AuditDays = defaults.Value.AuditDays,
        },
    };
}

/// <summary>The settings and how often they were changed.</summary>
public sealed record StoredSettings(PlatformSettings Settings, int Revision);
