namespace DevOps.Core.Projects;

/// <summary>Where a project's source is.</summary>
public sealed record RepositorySpec
{
    /// <summary><c>https://…</c>, <c>ssh://…</c>, <c>git@host:path</c>, or <c>file:///…</c> where an administrator allows it.</summary>
    public string Url { get; init; } = "";

    /// <summary>Branch that is deployed when nothing else is said.</summary>
    public string Branch { get; init; } = "main";

    /// <summary>Name of the credential for a private repository.</summary>
    public string? Credential { get; init; }

    /// <summary>Whether submodules are checked out too.</summary>
    public bool Submodules { get; init; }

    /// <summary>Whether the <c>deploy.yml</c> of a commit wins over the project's build and deploy settings. Then whoever may push decides what runs on the servers.</summary>
    public bool AllowDeployFile { get; init; }
}
