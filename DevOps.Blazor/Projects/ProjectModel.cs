using DevOps.Core.Projects;
using DevOps.Infrastructure.Projects;

namespace DevOps.Blazor.Projects;

/// <summary>The fields of a project while they are typed.</summary>
public sealed class ProjectModel
{
    public string Key { get; set; } = "";

    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    public string Url { get; set; } = "";

    public string Branch { get; set; } = "main";

    public string Credential { get; set; } = "";

    public bool Submodules { get; set; }

    public bool AllowDeployFile { get; set; }

    public BuildModel Build { get; set; } = new();

    public DeployModel Deploy { get; set; } = new();

    /// <summary>Which pushes deploy it.</summary>
    public TriggerSpec Triggers { get; set; } = new();

    /// <summary>Where the source is.</summary>
    public RepositorySpec Repository => new() { Url = Url, Branch = Branch, Credential = Credential, Submodules = Submodules, AllowDeployFile = AllowDeployFile };

    /// <summary>The fields of a project that is there.</summary>
    public static ProjectModel Of(ProjectView view)
    {
        var project = view.Project;
        return new ProjectModel
        {
            Key = project.Key,
            Name = project.Name,
            Description = project.Description,
            Url = project.Repository.Url,
            Branch = project.Repository.Branch,
            Credential = project.Repository.Credential ?? "",
            Submodules = project.Repository.Submodules,
            AllowDeployFile = project.Repository.AllowDeployFile,
            Build = BuildModel.Of(project.Build, view.BuildSecretNames),
            Deploy = DeployModel.Of(project.Deploy),
            Triggers = project.Triggers,
        };
    }

    /// <summary>What the verbs take.</summary>
    public ProjectDraft Draft() => new ProjectDraft
    {
        Key = Key.Trim(),
        Name = Name,
        Description = Description,
        Repository = Repository,
        Build = Build.Spec(),
        BuildSecrets = Build.Secrets,
        Deploy = Deploy.Spec(),
        Triggers = Triggers,
    }.Tidy();
}
