using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Git;

/// <summary>Says how far a fetch is: every few seconds while it runs, and once what was received in the end.</summary>
internal sealed class GitProgress(ILogOutput output, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly string[] Phases = ["Enumerating objects:", "Counting objects:", "Compressing objects:", "Receiving objects:", "Resolving deltas:", "Updating files:", "Checking out files:", "Unpacking objects:", "Checking connectivity:", "Finding sources:", "Total "];
    private long _lastSaid = time.GetTimestamp();

    /// <summary>Whether a line of git's is progress and no message.</summary>
    public static bool IsProgress(string line)
    {
        var text = line.StartsWith("remote: ", StringComparison.Ordinal) ? line[8..] : line;
        return Array.Exists(Phases, p => text.StartsWith(p, StringComparison.Ordinal));
    }

    public async ValueTask NoteAsync(string line, CancellationToken cancellationToken)
    {
        var isSummary = IsSummary(line);
        if (isSummary || (line.Length > 0 && time.GetElapsedTime(_lastSaid) >= Pause))
        {
            _lastSaid = time.GetTimestamp();
            await output.SayAsync(line, cancellationToken);
        }
    }

    // Few objects are unpacked without a word, many are kept as the pack they came in.
    private static bool IsSummary(string line) =>
        line.StartsWith("remote: Total ", StringComparison.Ordinal)
        || (line.StartsWith("Receiving objects: 100%", StringComparison.Ordinal) && line.EndsWith("done.", StringComparison.Ordinal));
}
