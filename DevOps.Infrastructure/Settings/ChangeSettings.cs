using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Settings;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Settings;

/// <summary>Changes what is set for the installation. It counts from the next time anything reads it; nothing is restarted.</summary>
public sealed class ChangeSettings(IDbContextFactory<DevOpsDbContext> contexts, SettingsReader reader, AuditTrail audit)
{
    /// <summary>Replaces the settings.</summary>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    public async Task<StoredSettings> RunAsync(Actor actor, PlatformSettings settings, int? expectedRevision, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        var faults = new Faults();
        settings.Check(faults);
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SettingsLock.TakeAsync(db, cancellationToken);
        var stored = await reader.StoredAsync(db, cancellationToken);
        Saving.DemandRevision(stored.Revision, expectedRevision, "The settings");
        var changed = new StoredSettings(settings, stored.Revision + 1);
        var text = JsonSerializer.Serialize(changed, Json.Options);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO settings (key, value) VALUES ({SettingsReader.Key}, {text}) ON CONFLICT (key) DO UPDATE SET value = excluded.value", cancellationToken);
        db.NoteChange("", stored.Settings, settings);
        audit.Add(db, actor, "settings.change", "settings", Words(stored.Settings, settings));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    // Only what is different, old and new.
    private static string Words(PlatformSettings before, PlatformSettings after)
    {
        var old = Facts(before);
        var parts = Facts(after).Where(f => !string.Equals(old[f.Key], f.Value, StringComparison.Ordinal)).Select(f => $"{f.Key}: {old[f.Key]} → {f.Value}").ToList();
        return parts.Count == 0 ? "Saved the settings without a change." : $"Changed {string.Join(", ", parts)}.";
    }

    private static Dictionary<string, string> Facts(PlatformSettings settings)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in JsonSerializer.SerializeToElement(settings, Json.Options).EnumerateObject())
        {
            foreach (var (name, value) in part.Value.ValueKind == JsonValueKind.Object
                ? part.Value.EnumerateObject().Select(p => ($"{part.Name}.{p.Name}", p.Value.ToString()))
                : [(part.Name, part.Value.ToString())])
            {
                facts[name] = value;
            }
        }

        return facts;
    }
}
