namespace DevOps.Core.Projects;

/// <summary>The rule for names of branches.</summary>
/// <remarks>git-check-ref-format(1), and no hyphen at the beginning, which git would read as an option.</remarks>
public static class BranchName
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 250;

    /// <summary>Says whether a text may be the name of a branch.</summary>
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= MaxLength }
        && text[0] != '-'
        && text is not "@"
        && !text.Any(c => char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\')
        && !text.Contains("..", StringComparison.Ordinal)
        && !text.Contains("@{", StringComparison.Ordinal)
        && !text.EndsWith('.')
        && text.Split('/').All(part => part.Length > 0 && part[0] != '.' && !part.EndsWith(".lock", StringComparison.Ordinal));
}
