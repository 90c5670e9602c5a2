using System.Globalization;
using System.Text;
using DevOps.Core.Logs;
using DevOps.Core.Refusals;
using Microsoft.AspNetCore.Mvc;

namespace DevOps.Blazor.Logs;

/// <summary>What is asked of a log.</summary>
public sealed record LogRequest
{
    /// <summary>Number of the first line.</summary>
    [FromQuery(Name = "from")]
    public long? From { get; init; }

    /// <summary>Most lines of a page.</summary>
    [FromQuery(Name = "count")]
    public int? Count { get; init; }

    /// <summary>Only lines of this step.</summary>
    [FromQuery(Name = "step")]
    public string? Step { get; init; }

    /// <summary>Only lines of this server.</summary>
    [FromQuery(Name = "server")]
    public string? Server { get; init; }

    /// <summary><c>1</c> to have the text saved as a file.</summary>
    [FromQuery(Name = "download")]
    public string? Download { get; init; }

    /// <summary>Number of the last line an event stream brought before it broke off.</summary>
    [FromHeader(Name = "Last-Event-ID")]
    public string? LastEventId { get; init; }

    /// <summary>Which lines are wanted.</summary>
    public LogFilter Filter => new(Empty(Step), Empty(Server));

    /// <summary>Number of the first line of an event stream.</summary>
    public long StreamFrom => Empty(LastEventId) is { } last ? Number(last) + 1 : From ?? 1;

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="InvalidInput">A number is out of its bounds.</exception>
    public void Check()
    {
        var faults = new Faults();
        faults.When(From < 1, "from", "Lines are numbered from 1.");
        faults.When(Count is < 1 or > LogEndpoints.MaxCount, "count", $"A page holds 1 to {LogEndpoints.MaxCount} lines.");
        faults.When(Empty(LastEventId) is { } last && Number(last) < 0, "Last-Event-ID", "This is not the number of a line.");
        faults.ThrowIfAny();
    }

    /// <summary>Name of the file it is saved as.</summary>
    public string FileName(long id)
    {
        var name = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"deployment-{id}"));
        foreach (var part in new[] { Step, Server }.Select(Empty).OfType<string>())
        {
            name.Append('-').Append(string.Concat(part.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.').Take(40)));
        }

        return name.Append(".log").ToString();
    }

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : -1;

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
