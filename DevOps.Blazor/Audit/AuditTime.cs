using System.Globalization;
using DevOps.Core.Refusals;

namespace DevOps.Blazor.Audit;

/// <summary>Reads the ends of a span of time: a time with its zone, or a day in UTC, which is meant whole.</summary>
public static class AuditTime
{
    private const string Day = "yyyy-MM-dd";

    /// <summary>The first moment; null when the text is empty.</summary>
    /// <exception cref="InvalidInput">It is neither a time nor a day.</exception>
    public static DateTimeOffset? Start(string field, string? text) => Read(field, text, wholeDay: false);

    /// <summary>The moment after the last; null when the text is empty.</summary>
    /// <exception cref="InvalidInput">It is neither a time nor a day.</exception>
    public static DateTimeOffset? End(string field, string? text) => Read(field, text, wholeDay: true);

    private static DateTimeOffset? Read(string field, string? text, bool wholeDay)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
        {
            return new DateTimeOffset((wholeDay ? day.AddDays(1) : day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        }

        var zoned = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' or ' ');
        return zoned && DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw new InvalidInput(field, "Give a day such as 2026-01-31, or a time with its zone such as 2026-01-31T12:00:00Z.");
    }
}
