using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Core.Webhooks;

/// <summary>Whether a push deploys, and why (not), in words.</summary>
/// <param name="Deploys">Whether it does.</param>
/// <param name="Why">A part of a sentence: <c>branch dev matches no trigger (main, release/*)</c>.</param>
public sealed record TriggerVerdict(bool Deploys, Sentence Why);

/// <summary>Holds pushes against a project's triggers.</summary>
public static class TriggerMatch
{
    private const int Shown = 5;

    /// <summary>Decides over one push.</summary>
    /// <param name="triggers">The project's triggers.</param>
    /// <param name="projectBranch">The project's branch: what counts when no pattern is given.</param>
    /// <param name="push">The push.</param>
    public static TriggerVerdict Decide(TriggerSpec triggers, string projectBranch, Push push)
    {
        var what = What(push);
        if (push.Deleted)
        {
            return new(false, $"{what} was deleted");
        }

        IReadOnlyList<string> branches = triggers is { Branches.Count: 0, Tags.Count: 0 } ? [projectBranch] : triggers.Branches;
        var isBranch = push.Kind != PushedKind.Tag && RefPatterns.Match(branches, push.Name);
        if (!isBranch && !(push.Kind != PushedKind.Branch && RefPatterns.Match(triggers.Tags, push.Name)))
        {
            return new(false, $"{what} matches no trigger ({Patterns(push.Kind, branches, triggers.Tags)})");
        }

        if (triggers.SkipMarkers.FirstOrDefault(m => push.Message.Contains(m, StringComparison.OrdinalIgnoreCase)) is { } marker)
        {
            return new(false, $"the message of the newest commit holds {marker}");
        }

        // A tag is no change of files.
        if (!isBranch || triggers.Paths.Count == 0)
        {
            return new(true, what);
        }

        if (push.Paths is not { } paths)
        {
            return new(true, $"{what}; the path filter was not asked, because the delivery does not name every file");
        }

        var wanted = ArtifactPatterns.Parse(triggers.Paths);
        return paths.FirstOrDefault(wanted.Matches) is { } path
            ? new(true, $"{what}, {path} changed")
            : new(false, $"path filter: none of {paths.Count} changed files matches {List(triggers.Paths)}");
    }

    private static Sentence Patterns(PushedKind kind, IReadOnlyList<string> branches, IReadOnlyList<string> tags) =>
        (kind switch { PushedKind.Branch => branches, PushedKind.Tag => tags, _ => [.. branches, .. tags] }) is { Count: > 0 } patterns ? Sentence.Verbatim(List(patterns)) : Sentence.Of("there is none for it");

    private static string List(IReadOnlyList<string> words) => string.Join(", ", words.Take(Shown)) + (words.Count > Shown ? ", …" : "");

    private static Sentence What(Push push) => push.Kind switch
    {
        PushedKind.Branch => Sentence.Of($"branch {push.Name}"),
        PushedKind.Tag => Sentence.Of($"tag {push.Name}"),
        _ => Sentence.Of($"reference {push.Name}"),
    };
}
