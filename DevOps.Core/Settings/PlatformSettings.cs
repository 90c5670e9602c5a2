using DevOps.Core.Refusals;

namespace DevOps.Core.Settings;

/// <summary>What administrators set for the whole installation while it runs.</summary>
public sealed record PlatformSettings
{
    /// <summary>Address under which people reach the platform, without a slash at the end; empty when it is not known. Messages link to it.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>IANA name of the time zone that is meant when nobody says which.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Language of messages that go out, one of <see cref="Languages"/>. Programs are spoken to in English.</summary>
    public string Language { get; init; } = "en";

    /// <summary>How long things are kept.</summary>
    public RetentionLimits Retention { get; init; } = new();

    /// <summary>The platform's backup of its own database.</summary>
    public BackupPlan Backup { get; init; } = new();

    /// <summary>Languages that messages can be written in, by the names of their cultures.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "zh-Hans"];

    /// <summary>Notes everything that cannot be accepted.</summary>
    public void Check(Faults faults)
    {
        TextRule.CheckLine(PublicUrl, 500, "publicUrl", faults);
        var url = PublicUrl.Length > 0;
        faults.When(url && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var uri) && uri is { Scheme: "https" or "http", Query: "", Fragment: "", UserInfo: "" }), "publicUrl", "Use an address such as https://deploy.example.com.");
        faults.When(url && PublicUrl.EndsWith('/'), "publicUrl", "Leave out the slash at the end.");
        faults.When(!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _), "timeZone", "Use a name such as Europe/Berlin or Asia/Shanghai.");
        faults.When(!Languages.Contains(Language, StringComparer.Ordinal), "language", $"Use one of {string.Join(", ", Languages)}.");
        Retention.Check(faults);
        Backup.Check(faults);
    }
}

/// <summary>How long things are kept.</summary>
public sealed record RetentionLimits
{
    private const int MostDays = 36_500;
    private const int LeastAuditDays = 90;

    /// <summary>Days after which the log of a finished deployment goes; the deployment itself stays.</summary>
    public int LogDays { get; init; } = 180;

    /// <summary>Newest releases of a project whose files stay, whatever their age.</summary>
    public int ReleasesPerProject { get; init; } = 20;

    /// <summary>Days for which the files of every release stay.</summary>
    public int ReleaseDays { get; init; } = 30;

    /// <summary>Days for which the history of events stays; an event stream cannot resume from before.</summary>
    public int EventDays { get; init; } = 30;

    /// <summary>Days for which messages that were sent or given up stay visible.</summary>
    public int NotificationDays { get; init; } = 30;

    /// <summary>Days for which received webhooks stay visible.</summary>
    public int DeliveryDays { get; init; } = 30;

    /// <summary>Days for which entries of the audit log stay, at least 90; 0: for ever.</summary>
    public int AuditDays { get; init; } = 3 * 365;

    /// <summary>Notes everything that cannot be accepted.</summary>
    public void Check(Faults faults)
    {
        Days(DeliveryDays, 1, "retention.deliveryDays");
        Days(LogDays, 1, "retention.logDays");
        Days(ReleaseDays, 0, "retention.releaseDays");
        Days(EventDays, 1, "retention.eventDays");
        Days(NotificationDays, 1, "retention.notificationDays");
        faults.When(AuditDays is not 0 and (< LeastAuditDays or > MostDays), "retention.auditDays", $"Use 0 (for ever), or {LeastAuditDays} to {MostDays} days.");
        faults.When(ReleasesPerProject is < 1 or > 10_000, "retention.releasesPerProject", "Keep 1 to 10000 releases.");

        void Days(int days, int least, string field) => faults.When(days < least || days > MostDays, field, $"Use {least} to {MostDays} days.");
    }
}

/// <summary>When the platform backs up its own database.</summary>
public sealed record BackupPlan
{
    /// <summary>Whether it does so every day.</summary>
    public bool Enabled { get; init; }

    /// <summary>Hour of the day, in the time zone of the settings.</summary>
    public int Hour { get; init; } = 3;

    /// <summary>Newest backups that stay.</summary>
    public int Keep { get; init; } = 7;

    /// <summary>Notes everything that cannot be accepted.</summary>
    public void Check(Faults faults)
    {
        faults.When(Hour is < 0 or > 23, "backup.hour", "Use an hour from 0 to 23.");
        faults.When(Keep is < 1 or > 365, "backup.keep", "Keep 1 to 365 backups.");
    }
}
