using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Settings;
using DevOps.Infrastructure.Retention;
using DevOps.Infrastructure.Settings;

namespace DevOps.Infrastructure.Backups;

/// <summary>Asks for the backup of the day once its hour has come and none was made since.</summary>
internal sealed class DueBackups(SettingsReader settings, DatabaseDump dump, StartBackup start, TimeProvider time) : IHousekeeping
{
    public string Subject => "backups";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var now = await settings.ReadAsync(cancellationToken);
        if (now.Backup.Enabled && (dump.Files is not [var newest, ..] || newest.LastWriteTimeUtc < LastDue(now)))
        {
            try
            {
                await start.RunAsync(Actor.Platform, cancellationToken);
            }
            catch (Conflict)
            {
                // One is under way.
            }
        }

        return 0;
    }

    private DateTime LastDue(PlatformSettings now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(now.TimeZone);
        var here = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone);
        var due = here.Date.AddHours(now.Backup.Hour);
        due = due > here.DateTime ? due.AddDays(-1) : due;

        // An hour that the clock jumps over in spring is taken one later.
        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(due) ? due.AddHours(1) : due, zone);
    }
}
