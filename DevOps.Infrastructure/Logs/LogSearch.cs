using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Logs;

/// <summary>Searches a whole stored log, not only what a page happens to show.</summary>
public sealed class LogSearch(LogStore store)
{
    /// <summary>Most characters that can be searched for.</summary>
    public const int LongestText = 200;

    /// <summary>Most line numbers in one answer.</summary>
    public const int MostHits = 10_000;

    /// <summary>Finds the lines whose visible text holds a text, whatever its case.</summary>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="text">What to look for; the first <see cref="LongestText"/> characters count.</param>
    /// <param name="filter">Where to look.</param>
    /// <param name="from">Number of the line to begin at.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<LogHits> FindAsync(long deploymentId, string text, LogFilter filter, long from, CancellationToken cancellationToken)
    {
        var wanted = text.Length > LongestText ? text[..LongestText] : text;
        var hits = new List<long>();
        long count = 0;
        long last = from - 1;
        if (wanted.Length == 0)
        {
            return new LogHits(0, hits, last, Next: null);
        }

        await foreach (var chunk in store.ReadAsync(deploymentId, from, long.MaxValue, cancellationToken))
        {
            foreach (var line in chunk.Lines(from).Where(filter.Takes).Where(l => LogText.Visible(l.Text).Contains(wanted, StringComparison.OrdinalIgnoreCase)))
            {
                count++;
                if (hits.Count < MostHits)
                {
                    hits.Add(line.N);
                }
            }

            last = chunk.First + chunk.Count - 1;
        }

        return new LogHits(count, hits, last, Next: count > hits.Count ? hits[^1] + 1 : null);
    }
}

/// <summary>What a search found.</summary>
/// <param name="Count">All lines that match, also those beyond the cap.</param>
/// <param name="Lines">Numbers of the first of them.</param>
/// <param name="SearchedTo">Number of the last line that was looked at.</param>
/// <param name="Next">Line to begin the next search at for the rest, or null when all numbers are here.</param>
public sealed record LogHits(long Count, IReadOnlyList<long> Lines, long SearchedTo, long? Next);
