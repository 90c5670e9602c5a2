using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Core.Webhooks;

/// <summary>What the bodies of all senders have in common.</summary>
internal static class PushFields
{
    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";
    private const int MaxMessage = 10_000;
    private const int MaxAuthor = 200;

    /// <summary>Takes <c>refs/heads/…</c> and <c>refs/tags/…</c> apart.</summary>
    /// <exception cref="InvalidInput">This is no name of a branch or tag.</exception>
    public static (PushedKind Kind, string Name) Ref(string? text, string field)
    {
        var (kind, name) = text switch
        {
            not null when text.StartsWith(Heads, StringComparison.Ordinal) => (PushedKind.Branch, text[Heads.Length..]),
            not null when text.StartsWith(Tags, StringComparison.Ordinal) => (PushedKind.Tag, text[Tags.Length..]),
            _ => (PushedKind.Unknown, text ?? ""),
        };
        return GitReference.IsValid(name) ? (kind, name) : throw new InvalidInput(field, "A push names the branch or tag that was pushed.");
    }

    /// <summary>A commit's full hash.</summary>
    /// <exception cref="InvalidInput">This is none.</exception>
    public static string Commit(string? text, string field) =>
        text is not null && GitReference.IsFullHash(text) ? text.ToLowerInvariant() : throw new InvalidInput(field, "A push names the commit that was pushed, by its full hash.");

    /// <summary>The hash that stands for "nothing".</summary>
    public static bool IsZeros(string? hash) => hash is { Length: 40 or 64 } && hash.AsSpan().IndexOfAnyExcept('0') < 0;

    public static string Message(string? text) => Excerpt.Of(text ?? "", MaxMessage);

    public static string Author(string? text) => Excerpt.Of(text ?? "", MaxAuthor);
}
