using System.Text.Json.Serialization;
using DevOps.Core.Logs;

namespace DevOps.Blazor.Logs;

/// <summary>A line on its way to the browser: plain data with short names.</summary>
/// <param name="N">Number.</param>
/// <param name="At">Time, in Unix milliseconds.</param>
/// <param name="Stream">o, e or s.</param>
/// <param name="Step">Name of the step.</param>
/// <param name="Server">Name of the server.</param>
/// <param name="Text">The text when it has no colours.</param>
/// <param name="Spans">Its pieces when it has.</param>
public sealed record LogRow(
    [property: JsonPropertyName("n")] long N,
    [property: JsonPropertyName("a")] long At,
    [property: JsonPropertyName("k")] string Stream,
    [property: JsonPropertyName("p")] string? Step,
    [property: JsonPropertyName("s")] string? Server,
    [property: JsonPropertyName("t")] string? Text,
    [property: JsonPropertyName("x")] IReadOnlyList<AnsiSpan>? Spans)
{
    /// <summary>Makes rows of lines.</summary>
    public static IReadOnlyList<LogRow> Of(IEnumerable<LogLine> lines) => [.. lines.Select(Of)];

    private static LogRow Of(LogLine line)
    {
        var spans = AnsiSpans.Parse(line.Text);
        var plain = spans.Count == 0 || (spans.Count == 1 && spans[0] is { Class: null, Colour: null, Back: null });
        var stream = line.Stream switch { LogStream.Err => "e", LogStream.System => "s", _ => "o" };
        return new LogRow(line.N, line.At.ToUnixTimeMilliseconds(), stream, line.Step, line.Server, plain ? string.Concat(spans.Select(s => s.Text)) : null, plain ? null : spans);
    }
}
