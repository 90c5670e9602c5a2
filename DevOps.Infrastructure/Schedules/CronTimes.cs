using DevOps.Core.Refusals;
using Quartz;

namespace DevOps.Infrastructure.Schedules;

/// <summary>What Quartz makes of a schedule's words: whether they can be read, and when they are due. Clock changes are Quartz's own to get right.</summary>
public static class CronTimes
{
    private const int Probed = 30;
    private static readonly TimeSpan Closest = TimeSpan.FromMinutes(1);

    /// <summary>Says what is wrong, or null when nothing is.</summary>
    public static Sentence? Fault(string cron, DateTimeOffset now)
    {
        if (!TryRead(cron, "UTC", out var read))
        {
            return "This cannot be read. Give five fields as in a crontab (minute, hour, day of the month, month, day of the week), such as 30 3 * * 1-5, or six or seven as Quartz writes them.";
        }

        DateTimeOffset? last = null;
        var at = read.GetNextValidTimeAfter(now);
        if (at is null)
        {
            return "This is never due again.";
        }

        for (var i = 0; i < Probed && at is not null; i++)
        {
            if (at - last < Closest)
            {
                return "Schedules are due once a minute at most. Put 0 into the field of the seconds.";
            }

            (last, at) = (at, read.GetNextValidTimeAfter(at.Value));
        }

        return null;
    }

    /// <summary>The first time it is due after a moment (UTC), or null when it never is.</summary>
    public static DateTimeOffset? Next(string cron, string timeZone, DateTimeOffset after) =>
        TryRead(cron, timeZone, out var read) ? read.GetNextValidTimeAfter(after)?.ToUniversalTime() : null;

    /// <summary>Reads a schedule's words.</summary>
    public static bool TryRead(string cron, string timeZone, out CronExpression read)
    {
        var format = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 5 ? CronFormat.Unix : CronFormat.Quartz;
        if (!CronExpression.TryParse(cron, format, out var parsed) || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            read = null!;
            return false;
        }

        read = parsed!.WithTimeZone(zone);
        return true;
    }
}
