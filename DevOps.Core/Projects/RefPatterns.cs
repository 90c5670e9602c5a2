using DevOps.Core.Releases;

namespace DevOps.Core.Projects;

/// <summary>Patterns for names of branches and tags. One that begins with <c>!</c> takes away, wherever it stands.</summary>
public static class RefPatterns
{
    /// <summary>Says whether a name matches one of the patterns and none of those that take away.</summary>
    public static bool Match(IReadOnlyList<string> patterns, string name)
    {
        var parts = name.Split('/');
        return patterns.Any(p => p[0] != '!' && new ArtifactPattern(p).MatchesWhole(parts))
            && !patterns.Any(p => p[0] == '!' && new ArtifactPattern(p[1..]).MatchesWhole(parts));
    }

    /// <summary>Says whether a text is such a pattern.</summary>
    public static bool IsWellFormed(string? pattern)
    {
        var name = pattern is { Length: > 0 } && pattern[0] == '!' ? pattern[1..] : pattern;
        return name is { Length: > 0 and <= BranchName.MaxLength }
            && name[0] is not ('-' or '/')
            && !name.StartsWith("refs/", StringComparison.Ordinal)
            && !name.Any(c => char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '\\')
            && !name.Contains("..", StringComparison.Ordinal)
            && Array.TrueForAll(name.Split('/'), part => part.Length > 0 && PathPart.IsWellFormed(part));
    }
}
