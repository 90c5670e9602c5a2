using System.Globalization;
using Microsoft.Extensions.Localization;

namespace DevOps.Blazor.Insights;

/// <summary>Says how long something takes in one or two words of the page's language.</summary>
public static class DurationWords
{
    private const string Nothing = "–";

    /// <summary>One number and its unit: <c>42 min</c>, <c>1.5 h</c>.</summary>
    public static string Of(TimeSpan? time, IStringLocalizer text) => time switch
    {
        null => Nothing,
        { TotalSeconds: < 90 } t => text["Seconds", Number(t.TotalSeconds, t.TotalSeconds < 10 ? "0.#" : "0")],
        { TotalMinutes: < 90 } t => text["Minutes", Number(t.TotalMinutes, t.TotalMinutes < 10 ? "0.#" : "0")],
        { TotalHours: < 48 } t => text["Hours", Number(t.TotalHours, "0.#")],
        { } t => text["Days", Number(t.TotalDays, "0.#")],
    };

    /// <summary>A share in percent.</summary>
    public static string Percent(double? share) => share is { } some ? string.Create(CultureInfo.InvariantCulture, $"{some * 100:0.#} %") : Nothing;

    /// <summary>A day without its year.</summary>
    public static string Day(DateOnly day) =>
        day.ToString(CultureInfo.CurrentCulture.TwoLetterISOLanguageName is "zh" ? "M月d日" : "d MMM", CultureInfo.CurrentCulture);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
