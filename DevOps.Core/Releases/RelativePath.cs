using DevOps.Core.Refusals;

namespace DevOps.Core.Releases;

/// <summary>The rule for paths inside a release that people give: they cannot leave it.</summary>
public static class RelativePath
{
    /// <summary>Longest path, in characters.</summary>
    public const int MaxLength = 400;

    /// <summary>Says what is wrong with a path, or null when nothing is.</summary>
    /// <param name="path">The path, with forward slashes.</param>
    /// <param name="allowFolder">Whether a slash at the end (a folder) is allowed.</param>
    public static Sentence? Fault(string path, bool allowFolder = false)
    {
        var name = allowFolder && path.EndsWith('/') ? path[..^1] : path;
        return name switch
        {
            "" => Sentence.Of("A path is needed."),
            { Length: > MaxLength } => $"Use {MaxLength} characters at most.",
            _ when name[0] == '/' => "Give a path inside the release, without a slash at the beginning.",
            _ when name.Contains('\\', StringComparison.Ordinal) => "Use forward slashes.",
            _ when TextRule.HasControl(name) => "Control characters cannot be part of it.",
            _ when name.Split('/').Any(part => part is "" or "." or "..") => "Empty parts, . and .. cannot be part of it.",
            _ => null,
        };
    }
}
