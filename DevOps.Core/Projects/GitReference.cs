using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>Names of branches and tags, and hashes of commits, as people give them.</summary>
/// <remarks>git-check-ref-format(1). A name that begins with a hyphen is refused too: programs would read it as an option.</remarks>
public static class GitReference
{
    private const int MaxLength = 250;
    private const int ShortestHash = 7;

    /// <summary>Says whether the text can name a branch, a tag or a commit.</summary>
    public static bool IsValid(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength || text[0] == '-' || text is "@" || text[^1] is '.' or '/')
        {
            return false;
        }

        var hasBadSign = text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '~' or '^' or ':' or '?' or '*' or '[' or '\\');
        return !hasBadSign
            && !text.Contains("..", StringComparison.Ordinal)
            && !text.Contains("@{", StringComparison.Ordinal)
            && text.Split('/').All(p => p.Length > 0 && p[0] != '.' && !p.EndsWith(".lock", StringComparison.Ordinal));
    }

    /// <summary>Notes a fault when the text cannot name a branch, a tag or a commit.</summary>
    public static void Check(string? text, string field, Faults faults) =>
        faults.When(!IsValid(text), field, "Give the name of a branch or tag, or the hash of a commit (7 characters at least).");

    /// <summary>Says whether the text may be a commit's hash, whole or shortened.</summary>
    public static bool MayBeHash(string text) => text.Length is >= ShortestHash and <= 64 && text.All(char.IsAsciiHexDigit);

    /// <summary>Says whether the text is a whole hash.</summary>
    public static bool IsFullHash(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigit);
}
