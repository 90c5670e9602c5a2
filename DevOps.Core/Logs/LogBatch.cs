namespace DevOps.Core.Logs;

/// <summary>Lines that were stored together.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="Lines">The lines, in order, without gaps; empty when there is only the news that the log ended.</param>
/// <param name="Complete">Whether no further lines follow.</param>
public sealed record LogBatch(long DeploymentId, IReadOnlyList<LogLine> Lines, bool Complete)
{
    /// <summary>Number of the first line; 0 when there is none.</summary>
    public long First => Lines.Count > 0 ? Lines[0].N : 0;

    /// <summary>Number of the last line; 0 when there is none.</summary>
    public long Last => Lines.Count > 0 ? Lines[^1].N : 0;
}
