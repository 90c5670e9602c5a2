using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Core.Projects;

/// <summary>What triggers may be: number, length and form of every pattern.</summary>
public static class TriggerRules
{
    private const int MaxPatterns = 100;
    private const int MaxMarkers = 20;
    private const int MaxMarker = 100;

    /// <summary>Notes every fault.</summary>
    /// <param name="triggers">What is checked.</param>
    /// <param name="field">Its path in the request.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static void Check(TriggerSpec triggers, string field, Faults faults)
    {
        CheckPatterns(triggers.Branches, $"{field}.branches", "main", faults);
        CheckPatterns(triggers.Tags, $"{field}.tags", "v*", faults);
        if (triggers.Paths.Count > 0)
        {
            ArtifactPatterns.Check(triggers.Paths, $"{field}.paths", faults);
        }

        foreach (var (path, marker) in TextRule.CheckList(triggers.SkipMarkers, MaxMarkers, $"{field}.skipMarkers", faults))
        {
            TextRule.CheckLine(marker, MaxMarker, path, faults, required: true);
        }
    }

    private static void CheckPatterns(IReadOnlyList<string> patterns, string field, string example, Faults faults)
    {
        foreach (var (path, pattern) in TextRule.CheckList(patterns, MaxPatterns, field, faults))
        {
            faults.When(!RefPatterns.IsWellFormed(pattern), path, $"This is not a pattern for names in git. Write it without refs/heads/ or refs/tags/, such as {example}.");
        }

        faults.When(patterns.Count > 0 && patterns.All(p => p is { Length: > 0 } && p[0] == '!'), field, $"Give at least one pattern that takes something, such as {example}.");
    }
}
