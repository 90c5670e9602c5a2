using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>What a person wants a project to be.</summary>
public sealed record ProjectDraft
{
    /// <summary>Slug.</summary>
    public string Key { get; init; } = "";

    /// <summary>Name for people, 100 characters at most.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is, 2000 characters at most.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where the source is.</summary>
    public RepositorySpec Repository { get; init; } = new();

    /// <summary>How it is built.</summary>
    public BuildSpec Build { get; init; } = new();

    /// <summary>Secrets of the build: one that is left out stays as it is, null deletes it.</summary>
    public IReadOnlyDictionary<string, string?> BuildSecrets { get; init; } = new Dictionary<string, string?>();

    /// <summary>How it is put on servers.</summary>
    public DeploySpec Deploy { get; init; } = new();

    /// <summary>Which pushes deploy it.</summary>
    public TriggerSpec Triggers { get; init; } = new();

    /// <summary>The same with what people type without meaning it taken away: blanks around names, a slash at the end of the path, an empty credential.</summary>
    public ProjectDraft Tidy() => this with
    {
        Name = Name.Trim(),
        Description = Description.Trim(),
        Repository = Repository with
        {
            Url = Repository.Url.Trim(),
            Branch = Repository.Branch.Trim(),
            Credential = string.IsNullOrWhiteSpace(Repository.Credential) ? null : Repository.Credential.Trim(),
        },
        Build = Build with { Image = Build.Image.Trim() },
        Deploy = Deploy with
        {
            Path = Deploy.Path.Trim() is { Length: > 1 } path ? path.TrimEnd('/') : Deploy.Path.Trim(),
            Health = Deploy.Health with { Url = Deploy.Health.Url.Trim() },
        },
    };

    /// <summary>Notes every fault, by the field's name in the HTTP contract.</summary>
    /// <param name="faults">Where faults are noted.</param>
    /// <param name="allowFiles">Whether <c>file://</c> repositories are accepted.</param>
    public void Check(Faults faults, bool allowFiles)
    {
        Slug.Check(Key, "key", faults);
        TextRule.CheckLine(Name, 100, "name", faults, required: true);
        TextRule.CheckText(Description, 2000, "description", faults);
        RepositoryUrl.Check(Repository.Url, allowFiles, "repository.url", faults);
        faults.When(!BranchName.IsValid(Repository.Branch), "repository.branch", "Give the name of a branch, such as main.");
        if (Repository.Credential is { } credential)
        {
            Slug.Check(credential, "repository.credential", faults);
        }

        BuildRules.Check(Build, BuildSecrets, "build", faults);
        DeployRules.Check(Deploy, "deploy", faults);
        TriggerRules.Check(Triggers, "triggers", faults);
    }
}
