using DevOps.Core.Settings;

namespace DevOps.Blazor.Settings;

/// <summary>The settings as they stand in the form.</summary>
public sealed class SettingsModel
{
    public string PublicUrl { get; set; } = "";

    public string TimeZone { get; set; } = "";

    public string Language { get; set; } = "";

    public int LogDays { get; set; }

    public int ReleasesPerProject { get; set; }

    public int ReleaseDays { get; set; }

    public int EventDays { get; set; }

    public int NotificationDays { get; set; }

    public int DeliveryDays { get; set; }

    public int AuditDays { get; set; }

    public bool BackupEnabled { get; set; }

    public int BackupHour { get; set; }

    public int BackupKeep { get; set; }

    /// <summary>Fills the form.</summary>
    public static SettingsModel Of(PlatformSettings settings) => new()
    {
        PublicUrl = settings.PublicUrl,
        TimeZone = settings.TimeZone,
        Language = settings.Language,
        LogDays = settings.Retention.LogDays,
        ReleasesPerProject = settings.Retention.ReleasesPerProject,
        ReleaseDays = settings.Retention.ReleaseDays,
        EventDays = settings.Retention.EventDays,
        NotificationDays = settings.Retention.NotificationDays,
        DeliveryDays = settings.Retention.DeliveryDays,
        AuditDays = settings.Retention.AuditDays,
        BackupEnabled = settings.Backup.Enabled,
        BackupHour = settings.Backup.Hour,
        BackupKeep = settings.Backup.Keep,
    };

    /// <summary>What the form says.</summary>
    public PlatformSettings Settings() => new()
    {
        PublicUrl = PublicUrl.Trim().TrimEnd('/'),
        TimeZone = TimeZone.Trim(),
        Language = Language,
        Retention = new RetentionLimits
        {
            LogDays = LogDays,
            ReleasesPerProject = ReleasesPerProject,
            ReleaseDays = ReleaseDays,
            EventDays = EventDays,
            NotificationDays = NotificationDays,
            DeliveryDays = DeliveryDays,
            AuditDays = AuditDays,
        },
        Backup = new BackupPlan { Enabled = BackupEnabled, Hour = BackupHour, Keep = BackupKeep },
    };
}
