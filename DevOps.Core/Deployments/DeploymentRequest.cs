using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments;

/// <summary>What is asked for: one release, commit or reference, for one environment.</summary>
public sealed record DeploymentRequest
{
    /// <summary>Name of the environment.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Branch or tag; the project's branch when neither this nor <see cref="Commit"/> nor <see cref="Release"/> is given.</summary>
    public string? Ref { get; init; }

    /// <summary>Full or short hash of a commit.</summary>
    public string? Commit { get; init; }

    /// <summary>Number of a release that was built before.</summary>
    public int? Release { get; init; }

    /// <summary>Why, for the people who read the history.</summary>
    public string? Note { get; init; }

    /// <summary>Names of servers, a part of the environment's; all of them when absent or empty.</summary>
    public IReadOnlyList<string>? Servers { get; init; }

    /// <summary>Passes over a freeze; an administrator's, and audited.</summary>
    public bool OverrideFreeze { get; init; }

    /// <summary>Notes every fault.</summary>
    public void Check(Faults faults)
    {
        Slug.Check(Environment, "environment", faults);
        faults.When(new object?[] { Ref, Commit, Release }.Count(x => x is not null) > 1, "ref", "Give one of ref, commit and release, not several.");
        faults.When(Ref is not null && !GitReference.IsValid(Ref), "ref", "This is not the name of a branch or tag.");
        faults.When(Commit is { } c && (c.Length is < 7 or > 64 || !c.All(char.IsAsciiHexDigit)), "commit", "A commit is 7 to 64 hexadecimal digits.");
        faults.When(Release is < 1, "release", "Releases are numbered from 1.");
        faults.When(Note?.Length > 2000, "note", "The note is longer than 2000 characters.");
        faults.When(Servers?.Count > 1000, "servers", "There can be 1000 at most.");
    }
}
