using System.Globalization;
using System.Text.RegularExpressions;

namespace DevOps.Core.Environments;

/// <summary>A time of day as people write it, and the moment it means on a day in a time zone.</summary>
internal static partial class DayTime
{
    /// <summary>Reads <c>HH:mm</c>, up to <c>24:00</c>.</summary>
    /// <returns>Time since midnight, or null when the text is something else.</returns>
    public static TimeSpan? Parse(string? text)
    {
        if (text is null || Form().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var time = new TimeSpan(int.Parse(match.Groups["hour"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups["minute"].ValueSpan, CultureInfo.InvariantCulture), 0);
        return time <= TimeSpan.FromDays(1) ? time : null;
    }

    /// <summary>The time zone of an IANA name, or null when there is none.</summary>
    public static TimeZoneInfo? Zone(string? name) =>
        name is { Length: > 0 and <= 64 } && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId ? zone : null;

    /// <summary>The moment of a local time. Where the clocks go forward over it, the moment they do; where they go back over it, the first or the last of both.</summary>
    /// <param name="local">Date and time in the zone.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="last">Which of two moments is meant.</param>
    public static DateTimeOffset Moment(DateTime local, TimeZoneInfo zone, bool last)
    {
        if (zone.IsAmbiguousTime(local))
        {
            var offsets = zone.GetAmbiguousTimeOffsets(local);
            return new DateTimeOffset(local, last ? offsets.Min() : offsets.Max()).ToUniversalTime();
        }

        if (zone.IsInvalidTime(local))
        {
            // The first valid minute after the gap is the moment at which the clocks went forward.
            var after = local;
            while (zone.IsInvalidTime(after))
            {
                after = after.AddMinutes(1);
            }

            local = after;
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    [GeneratedRegex(@"\A(?<hour>[01][0-9]|2[0-4]):(?<minute>[0-5][0-9])\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
