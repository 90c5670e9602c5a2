using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Logs;

/// <summary>What waits for the writer: lines that came together, or the wish to know when everything before it is stored.</summary>
internal sealed record LogBlock(IReadOnlyList<LogLine> Lines, int Bytes, TaskCompletionSource? Stored = null);
