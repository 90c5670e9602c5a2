namespace DevOps.Core.Projects;

/// <summary>Which pushes deploy a project to its environments with <c>autoDeploy</c>.</summary>
/// <remarks>
/// With neither <see cref="Branches"/> nor <see cref="Tags"/>, pushes to the project's branch do, and nothing else. As soon as one of them is given, only what is listed counts.
/// Patterns: <c>*</c> stands for any characters but a slash, <c>**</c> as a whole part for any number of parts, <c>?</c>, <c>[a-z]</c>; one that begins with <c>!</c> takes away.
/// </remarks>
public sealed record TriggerSpec
{
    /// <summary>Patterns of branches: <c>main</c>, <c>release/*</c>, <c>**</c>.</summary>
    public IReadOnlyList<string> Branches { get; init; } = [];

    /// <summary>Patterns of tags: <c>v*</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Patterns of files, as for artifacts: a push to a branch counts only when it touches one of them. Empty: every push does.
    /// A push whose list of files is not complete always counts.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Words in the message of the newest commit that keep a push from deploying, in any case of letters.</summary>
    public IReadOnlyList<string> SkipMarkers { get; init; } = ["[skip deploy]"];
}
