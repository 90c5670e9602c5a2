using System.Globalization;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Events;
using Microsoft.AspNetCore.Mvc;

namespace DevOps.Blazor.Events;

/// <summary>What is asked of the stream of events.</summary>
public sealed record EventRequest
{
    /// <summary>Only events of this project.</summary>
    [FromQuery(Name = "project")]
    public string? Project { get; init; }

    /// <summary>Only events of environments with this name.</summary>
    [FromQuery(Name = "environment")]
    public string? Environment { get; init; }

    /// <summary>Id of the last event an earlier stream brought.</summary>
    [FromHeader(Name = "Last-Event-ID")]
    public string? LastEventId { get; init; }

    /// <summary>What the stream is narrowed to.</summary>
    public EventFilter Filter => new(Empty(Project), Empty(Environment));

    /// <summary>Where to go on, or null for what comes from now on.</summary>
    /// <exception cref="InvalidInput">It is no number.</exception>
    public long? After => Empty(LastEventId) switch
    {
        null => null,
        { } text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) => id,
        _ => throw new InvalidInput("Last-Event-ID", "This is not the id of an event."),
    };

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
