using DevOps.Core.Refusals;

namespace DevOps.Core.Releases;

/// <summary>Which files of a workspace become the release.</summary>
/// <remarks>
/// <c>*</c> stands for any characters of one path part, <c>?</c> for one, <c>[a-z]</c> and <c>[!a-z]</c> for one of (or none of) a set, <c>**</c> as a whole part for any
/// number of parts. A pattern whose last part has no such sign, or that ends with a slash, also takes all that lies in a folder of that name.
/// A pattern that begins with <c>!</c> takes away; taking away wins, wherever it stands. <c>.git</c> is never part of a release.
/// </remarks>
public sealed class ArtifactPatterns
{
    private const int MaxPatterns = 200;
    private const int MaxLength = 500;

    private readonly List<ArtifactPattern> _taken;
    private readonly List<ArtifactPattern> _takenAway;

    private ArtifactPatterns(IEnumerable<string> patterns)
    {
        var all = patterns.ToList();
        _taken = [.. all.Where(p => p[0] != '!').Select(p => new ArtifactPattern(p))];
        _takenAway = [.. all.Where(p => p[0] == '!').Select(p => new ArtifactPattern(p[1..]))];
    }

    /// <summary>Reads patterns.</summary>
    /// <exception cref="InvalidInput">A pattern is not accepted; the field is called <c>build.artifacts</c>.</exception>
    public static ArtifactPatterns Parse(IReadOnlyList<string> patterns)
    {
        var faults = new Faults();
        Check(patterns, "build.artifacts", faults);
        faults.ThrowIfAny();
        return new ArtifactPatterns(patterns);
    }

    /// <summary>Notes a fault for each pattern that is not accepted.</summary>
    public static void Check(IReadOnlyList<string> patterns, string field, Faults faults)
    {
        if (patterns.Count > MaxPatterns)
        {
            faults.Add(field, $"Give {MaxPatterns} patterns at most.");
            return;
        }

        foreach (var pattern in patterns)
        {
            if (FaultOf(pattern) is { } fault)
            {
                faults.Add(field, $"'{Shown(pattern)}': {fault}");
            }
        }

        faults.When(!patterns.Any(p => p is { Length: > 0 } && p[0] != '!'), field, "Give at least one pattern that takes something, such as dist/**.");
    }

    /// <summary>Says whether a file belongs to the release.</summary>
    /// <param name="path">Relative path with forward slashes.</param>
    public bool Matches(string path)
    {
        var parts = path.Split('/');
        return !parts.Contains(".git") && _taken.Exists(p => p.Matches(parts)) && !_takenAway.Exists(p => p.Matches(parts));
    }

    /// <summary>The fewest paths below which everything lies that can match: <c>dist/**</c> gives <c>dist</c>, <c>package.json</c> itself,
    /// <c>**/*.jar</c> the empty path, which stands for everything. Ordered (ordinal).</summary>
    public IReadOnlyList<string> StaticPrefixes()
    {
        var all = _taken.Select(p => p.StaticPrefix).Distinct(StringComparer.Ordinal).ToList();
        return [.. all.Where(p => !all.Exists(o => Covers(o, p))).Order(StringComparer.Ordinal)];
    }

    private static bool Covers(string outer, string inner) =>
        !string.Equals(outer, inner, StringComparison.Ordinal) && (outer.Length == 0 || inner.StartsWith(outer + "/", StringComparison.Ordinal));

    private static string Shown(string? pattern) => pattern is { Length: > 60 } ? pattern[..60] + "…" : pattern ?? "";

    private static Sentence? FaultOf(string? pattern)
    {
        if (string.IsNullOrWhiteSpace(pattern) || pattern is "!" or "/" or "!/")
        {
            return "An empty pattern takes nothing. Remove it.";
        }

        if (pattern.Length > MaxLength)
        {
            return $"A pattern has {MaxLength} characters at most.";
        }

        if (pattern.Contains('\\', StringComparison.Ordinal) || pattern.Any(char.IsControl))
        {
            return "Write paths with forward slashes, without control characters.";
        }

        var path = pattern[0] == '!' ? pattern[1..] : pattern;
        if (path[0] == '/')
        {
            return "Write it relative to the workspace, without a slash at the beginning.";
        }

        var parts = path.TrimEnd('/').Split('/');
        if (parts.Any(p => p is ".." or "." or ""))
        {
            return "A pattern stays inside the workspace: no '.', '..' or empty part.";
        }

        return parts.All(PathPart.IsWellFormed) ? null : Sentence.Of("A set that begins with [ must hold something and end with ].");
    }
}
