using System.Globalization;

namespace DevOps.Blazor.Logs;

/// <summary>A piece of a line in one look. The browser makes a text node of it, never markup.</summary>
/// <param name="Text">The visible characters.</param>
/// <param name="Class">Classes of the log's style sheet, or null for none.</param>
/// <param name="Colour">Colour beyond the sixteen as <c>#rrggbb</c>, or null.</param>
/// <param name="Back">Background beyond the sixteen as <c>#rrggbb</c>, or null.</param>
public sealed record AnsiSpan(string Text, string? Class = null, string? Colour = null, string? Back = null);

/// <summary>Cuts a stored line into pieces of one look each. Cut-off or unknown sequences leave no trace.</summary>
public static class AnsiSpans
{
    private const char Escape = '\u001b';

    /// <summary>The pieces of a line; one without a look when it has no colours.</summary>
    public static IReadOnlyList<AnsiSpan> Parse(string text)
    {
        if (!text.Contains(Escape, StringComparison.Ordinal))
        {
            return text.Length == 0 ? [] : [new AnsiSpan(text)];
        }

        var spans = new List<AnsiSpan>();
        var style = new AnsiStyle();
        for (var at = 0; at < text.Length;)
        {
            var next = text.IndexOf(Escape, at);
            var end = next < 0 ? text.Length : next;
            if (end > at)
            {
                spans.Add(style.Span(text[at..end]));
            }

            at = next < 0 ? end : Sequence(text, next, style);
        }

        return spans;
    }

    // Returns where the text goes on.
    private static int Sequence(string text, int start, AnsiStyle style)
    {
        var at = start + 1;
        if (at >= text.Length || text[at] != '[')
        {
            return at;
        }

        at++;
        var parameters = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is ';' or ':'))
        {
            at++;
        }

        if (at < text.Length && text[at] == 'm')
        {
            style.Apply(Numbers(text[parameters..at]));
            at++;
        }

        return at;
    }

    private static List<int> Numbers(string parameters) =>
        [.. parameters.Split([';', ':']).Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)];
}
