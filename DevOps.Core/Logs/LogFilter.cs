namespace DevOps.Core.Logs;

/// <summary>Picks lines by where they came from.</summary>
/// <param name="Step">Name of a step as in the HTTP contract, or null for all.</param>
/// <param name="Server">Name of a server, or null for all.</param>
public sealed record LogFilter(string? Step = null, string? Server = null)
{
    /// <summary>Every line.</summary>
    public static LogFilter All { get; } = new();

    /// <summary>Says whether a line is among them.</summary>
    public bool Takes(LogLine line) =>
        (Step is null || string.Equals(Step, line.Step, StringComparison.OrdinalIgnoreCase)) && (Server is null || string.Equals(Server, line.Server, StringComparison.Ordinal));
}
