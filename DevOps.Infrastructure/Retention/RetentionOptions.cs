namespace DevOps.Infrastructure.Retention;

/// <summary>How long things are kept, until an administrator sets it on the page. Section <c>DevOps:Retention</c>. Jobs have their own limits in <c>DevOps:Queue</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "DevOps:Retention";

    /// <summary>How often is looked.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Days after which the log of a finished deployment goes; the deployment itself stays.</summary>
    public int LogDays { get; set; } = 180;

    /// <summary>Newest releases of a project whose files stay, whatever their age.</summary>
    public int ReleasesPerProject { get; set; } = 20;

    /// <summary>Days for which the files of every release stay.</summary>
    public int ReleaseDays { get; set; } = 30;

    /// <summary>Days for which the history of events stays; an event stream cannot resume from before.</summary>
    public int EventDays { get; set; } = 30;

    /// <summary>Days after which a received webhook goes.</summary>
    public int DeliveryDays { get; set; } = 30;

    /// <summary>Newest received webhooks of a project that stay at most.</summary>
    public int DeliveriesPerProject { get; set; } = 10_000;

    /// <summary>Longest body of a webhook that is kept, in bytes. A longer one is dealt with, but cannot be looked at or sent again here.</summary>
    public int DeliveryBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Days for which entries of the audit log stay, at least 90; 0: for ever.</summary>
    public int AuditDays { get; set; } = 3 * 365;
}
