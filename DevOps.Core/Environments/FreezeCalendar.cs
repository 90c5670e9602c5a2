namespace DevOps.Core.Environments;

/// <summary>Says whether deployments are frozen at a moment, and until when.</summary>
public static class FreezeCalendar
{
    // A week that is frozen from end to end has no end; people are told this far ahead.
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(60);

    /// <summary>The freeze that holds at a moment. Spans that touch or overlap count as one, up to the end of the last.</summary>
    /// <param name="freezes">Single spans.</param>
    /// <param name="weekly">Spans of every week; one with an unknown time zone or time is passed over.</param>
    /// <param name="now">The moment.</param>
    /// <returns>Null when deployments may run.</returns>
    public static ActiveFreeze? At(IReadOnlyList<Freeze> freezes, IReadOnlyList<WeeklyFreeze> weekly, DateTimeOffset now)
    {
        ActiveFreeze? active = null;
        for (var moment = now; moment < now + Horizon; moment = active.Until)
        {
            var last = Holding(freezes, weekly, moment).MaxBy(f => f.Until);
            if (last is null)
            {
                break;
            }

            active = last with { Reason = active is { Reason.Length: > 0 } ? active.Reason : last.Reason };
        }

        return active;
    }

    private static IEnumerable<ActiveFreeze> Holding(IReadOnlyList<Freeze> freezes, IReadOnlyList<WeeklyFreeze> weekly, DateTimeOffset moment) =>
        freezes.Where(f => f.From <= moment && moment < f.To).Select(f => new ActiveFreeze(f.To.ToUniversalTime(), "UTC", f.Reason))
            .Concat(weekly.Select(w => Holding(w, moment)).OfType<ActiveFreeze>());

    private static ActiveFreeze? Holding(WeeklyFreeze weekly, DateTimeOffset moment)
    {
        if (DayTime.Zone(weekly.TimeZone) is not { } zone || DayTime.Parse(weekly.From) is not { } from || DayTime.Parse(weekly.To) is not { } to)
        {
            return null;
        }

        // The day before too: where the clocks went back at midnight, its last hour came twice.
        var today = TimeZoneInfo.ConvertTime(moment, zone).Date;
        foreach (var day in new[] { today, today.AddDays(-1) }.Where(d => d.DayOfWeek == weekly.Day))
        {
            var (begin, end) = (DayTime.Moment(day + from, zone, last: false), DayTime.Moment(day + to, zone, last: true));
            if (begin <= moment && moment < end)
            {
                return new ActiveFreeze(end, weekly.TimeZone, "");
            }
        }

        return null;
    }
}
