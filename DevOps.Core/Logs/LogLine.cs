namespace DevOps.Core.Logs;

/// <summary>Where a line came from.</summary>
public enum LogStream
{
    /// <summary>Standard output.</summary>
    Out,

    /// <summary>Standard error.</summary>
    Err,

    /// <summary>The platform itself.</summary>
    System,
}

/// <summary>One line of a deployment's log.</summary>
/// <param name="N">Number in the deployment's one sequence, from 1, without gaps.</param>
/// <param name="At">When it was written (UTC).</param>
/// <param name="Step">Name of the step as in the HTTP contract (<c>build</c>), or null.</param>
/// <param name="Server">Name of the server, or null.</param>
/// <param name="Stream">Where it came from.</param>
/// <param name="Text">The masked text without its line end; ANSI colours are kept.</param>
public sealed record LogLine(long N, DateTimeOffset At, string? Step, string? Server, LogStream Stream, string Text);
