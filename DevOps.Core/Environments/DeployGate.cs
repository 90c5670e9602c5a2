using System.Globalization;
using DevOps.Core.Refusals;

namespace DevOps.Core.Environments;

/// <summary>What keeps the deployments of an environment from running at a moment.</summary>
/// <param name="Reason">Stable word for programs: <c>locked</c> or <c>frozen</c>.</param>
/// <param name="Words">The same for people: <c>frozen until 18:00 UTC</c>, <c>locked by lin: reason</c>.</param>
/// <param name="Until">When it opens by itself (UTC); null when a person has to open it.</param>
public sealed record DeployGate(string Reason, Sentence Words, DateTimeOffset? Until)
{
    /// <summary>What stands in the way now.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="overrideFreeze">Whether freezes are passed over.</param>
    /// <param name="now">The moment.</param>
    /// <returns>Null when the way is free.</returns>
    public static DeployGate? Of(DeploymentEnvironment environment, bool overrideFreeze, DateTimeOffset now)
    {
        if (environment.LockedBy is { } by)
        {
            return new DeployGate("locked", environment.LockReason is { Length: > 0 } reason ? Sentence.Of($"locked by {by}: {reason}") : Sentence.Of($"locked by {by}"), null);
        }

        return !overrideFreeze && FreezeCalendar.At(environment.Freezes, environment.FreezeWeekly, now) is { } freeze
            ? new DeployGate("frozen", Say(freeze, now), freeze.Until)
            : null;
    }

    private static Sentence Say(ActiveFreeze freeze, DateTimeOffset now)
    {
        var zone = DayTime.Zone(freeze.TimeZone) ?? TimeZoneInfo.Utc;
        var (until, today) = (TimeZoneInfo.ConvertTime(freeze.Until, zone), TimeZoneInfo.ConvertTime(now, zone));
        var form = until.Date == today.Date ? "HH:mm" : "yyyy-MM-dd HH:mm";
        var end = until.ToString(form, CultureInfo.InvariantCulture);
        return freeze.Reason.Length > 0 ? Sentence.Of($"frozen until {end} {freeze.TimeZone}: {freeze.Reason}") : Sentence.Of($"frozen until {end} {freeze.TimeZone}");
    }
}
