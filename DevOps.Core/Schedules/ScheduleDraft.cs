using DevOps.Core.Deployments;
using DevOps.Core.Refusals;

namespace DevOps.Core.Schedules;

/// <summary>What a person wants a schedule to be.</summary>
public sealed record ScheduleDraft
{
    /// <summary>Slug.</summary>
    public string Name { get; init; } = "";

    /// <summary>Name of the environment.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Branch or tag; the project's branch when absent.</summary>
    public string? Ref { get; init; }

    /// <summary>When, in cron's words. Whether they can be read is asked of the clock that runs them.</summary>
    public string Cron { get; init; } = "";

    /// <summary>IANA name of the zone.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Whether it fires.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether nothing is deployed while there is no new commit.</summary>
    public bool OnlyIfChanged { get; init; }

    /// <summary>Notes every fault but those of <see cref="Cron"/> itself.</summary>
    public void Check(Faults faults)
    {
        Slug.Check(Name, "name", faults);
        new DeploymentRequest { Environment = Environment, Ref = string.IsNullOrEmpty(Ref) ? null : Ref }.Check(faults);
        TextRule.CheckLine(Cron, 120, "cron", faults, required: true);
        faults.When(
            !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) || !zone.HasIanaId || !string.Equals(zone.Id, TimeZone, StringComparison.Ordinal),
            "timeZone",
            "Give a zone of the IANA database, such as UTC, Europe/Berlin or Asia/Shanghai.");
    }
}
