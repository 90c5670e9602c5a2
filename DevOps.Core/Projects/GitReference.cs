using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>Names of branches and tags, and hashes of commits, as people give them.</summary>
/// <remarks>Tags keep the rule of branches, and every hash fulfils it.</remarks>
public static class GitReference
{
    private const int ShortestHash = 7;

    /// <summary>Says whether the text can name a branch, a tag or a commit.</summary>
    public static bool IsValid(string? text) => BranchName.IsValid(text);

    /// <summary>Notes a fault when the text cannot name a branch, a tag or a commit.</summary>
    public static void Check(string? text, string field, Faults faults) =>
        faults.When(!IsValid(text), field, "Give the name of a branch or tag, or the hash of a commit (7 characters at least).");

    /// <summary>Says whether the text may be a commit's hash, whole or shortened.</summary>
    public static bool MayBeHash(string text) => text.Length is >= ShortestHash and <= 64 && text.All(char.IsAsciiHexDigit);

    /// <summary>Says whether the text is a whole hash.</summary>
    public static bool IsFullHash(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigit);
}
