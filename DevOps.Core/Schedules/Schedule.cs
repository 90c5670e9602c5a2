namespace DevOps.Core.Schedules;

/// <summary>A rule by which a project is deployed to an environment again and again.</summary>
public sealed class Schedule
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The project.</summary>
    public long ProjectId { get; set; }

    /// <summary>The environment.</summary>
    public long EnvironmentId { get; set; }

    /// <summary>Slug, unique in the project.</summary>
    public required string Name { get; set; }

    /// <summary>Branch or tag; empty for the project's branch.</summary>
    public string Ref { get; set; } = "";

    /// <summary>When: five fields as in a crontab, or six or seven as Quartz writes them.</summary>
    public required string Cron { get; set; }

    /// <summary>IANA name of the zone whose clock <see cref="Cron"/> means, such as <c>Asia/Shanghai</c>.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Whether it fires.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether nothing is deployed while the reference stands on the commit of the last success.</summary>
    public bool OnlyIfChanged { get; set; }

    /// <summary>When it last fired (UTC). Of two processes that want to fire it, the one that moves this on does.</summary>
    public DateTimeOffset? LastFiredAt { get; set; }

    /// <summary>What came of that, in words.</summary>
    public string? LastResult { get; set; }

    /// <summary>The deployment it last asked for.</summary>
    public long? LastDeploymentId { get; set; }

    /// <summary>When it was made or last changed (UTC): what was due before is not made up for.</summary>
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Rises with every change; guards against lost updates and is the ETag.</summary>
    public int Revision { get; set; } = 1;
}
