using DevOps.Blazor.Webhooks;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Projects;

namespace DevOps.Blazor.Projects;

/// <summary>A project as a client sends it.</summary>
public sealed record ProjectBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        {
          "key": "shop", "name": "Web shop", "description": "",
          "repository": { "url": "https://git.example/team/shop.git", "branch": "main", "credential": "git-shop", "submodules": false },
          "build": {
            "image": "node:22", "script": ["npm ci", "npm run build"], "variables": { "CI": "true" }, "secrets": { "NPM_TOKEN": "npm_…" },
            "artifacts": ["dist/**", "!**/*.map", "package.json"], "caches": ["/root/.npm"],
            "cpus": 2.0, "memoryMb": 2048, "pids": 2048, "timeoutSeconds": 1800, "network": "bridge"
          },
          "deploy": {
            "path": "/srv/shop", "keepReleases": 5, "shared": ["storage/", ".env"],
            "beforeActivate": ["./migrate"], "restart": ["systemctl restart shop"], "afterActivate": [],
            "control": { "start": "systemctl start shop", "stop": "systemctl stop shop", "status": "systemctl is-active shop", "log": "journalctl -fu shop" },
            "health": { "url": "http://{host}:3000/healthz", "command": "", "timeoutSeconds": 5, "retries": 10, "intervalSeconds": 2 },
            "rolling": { "batch": "25%", "first": 1, "soakSeconds": 0, "confirmAfterFirst": false, "maxFailures": 0 },
            "rollbackOnFailure": true, "verifyChecksums": true, "commandTimeoutSeconds": 600
          },
          "triggers": { "branches": ["main", "release/*"], "tags": ["v*"], "paths": ["src/**"], "skipMarkers": ["[skip deploy]"] }
        }
        """;

    /// <summary>Slug; in a PUT it may be left out.</summary>
    public string? Key { get; init; }

    /// <summary>Name for people; the key when left out.</summary>
    public string? Name { get; init; }

    /// <summary>What it is, in the team's words.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where the source is.</summary>
    public required RepositorySpec Repository { get; init; }

    /// <summary>How it is built.</summary>
    public BuildBody Build { get; init; } = new();

    /// <summary>How it is put on servers.</summary>
    public required DeploySpec Deploy { get; init; }

    /// <summary>Which pushes deploy it to the environments with <c>autoDeploy</c>.</summary>
    public TriggerSpec Triggers { get; init; } = new();

    /// <summary>The doors for webhooks as a GET answers them. Taken and not used, so that what was read can be sent back.</summary>
    public WebhookAnswer? Webhook { get; init; }

    internal ProjectDraft Draft(string key) => new()
    {
        Key = key,
        Name = Name ?? key,
        Description = Description,
        Repository = Repository,
        Build = Build.Spec(),
        BuildSecrets = Build.Secrets,
        Deploy = Deploy,
        Triggers = Triggers,
    };
}

/// <summary>How a project is built, with its secrets on the way in.</summary>
public sealed record BuildBody
{
    private static readonly BuildSpec Default = new();

    /// <summary>Container image, such as <c>node:22</c>; empty to take the files of the repository as they are.</summary>
    public string Image { get; init; } = Default.Image;

    /// <summary>Lines of one <c>sh -e</c> script, run in <c>/workspace</c>.</summary>
    public IReadOnlyList<string> Script { get; init; } = Default.Script;

    /// <summary>Plain variables of the build container.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = Default.Variables;

    /// <summary>Secrets, write-only: one that is left out stays, null deletes it.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of the secrets as a GET answers them. Taken and not used, so that what was read can be sent back.</summary>
    public IReadOnlyList<string> SecretNames { get; init; } = [];

    /// <summary>Patterns of what becomes the release; one that begins with <c>!</c> takes away.</summary>
    public IReadOnlyList<string> Artifacts { get; init; } = Default.Artifacts;

    /// <summary>Absolute folders in the container that are kept between builds.</summary>
    public IReadOnlyList<string> Caches { get; init; } = Default.Caches;

    /// <summary>Processor limit, in cores.</summary>
    public double Cpus { get; init; } = Default.Cpus;

    /// <summary>Memory limit, in MiB.</summary>
    public int MemoryMb { get; init; } = Default.MemoryMb;

    /// <summary>Most processes and threads.</summary>
    public int Pids { get; init; } = Default.Pids;

    /// <summary>Time limit, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = Default.TimeoutSeconds;

    /// <summary>The engine's network.</summary>
    public string Network { get; init; } = Default.Network;

    internal BuildSpec Spec() => new()
    {
        Image = Image,
        Script = Script,
        Variables = Variables,
        Artifacts = Artifacts,
        Caches = Caches,
        Cpus = Cpus,
        MemoryMb = MemoryMb,
        Pids = Pids,
        TimeoutSeconds = TimeoutSeconds,
        Network = Network,
    };
}

/// <summary>A project.</summary>
/// <param name="Key">Slug.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Description">What it is.</param>
/// <param name="Repository">Where the source is.</param>
/// <param name="Build">How it is built, with the names of its secrets.</param>
/// <param name="Deploy">How it is put on servers.</param>
/// <param name="Triggers">Which pushes deploy it.</param>
/// <param name="Webhook">The doors for those pushes.</param>
public sealed record ProjectAnswer(
    string Key, string Name, string Description, RepositorySpec Repository, BuildAnswer Build, DeploySpec Deploy, TriggerSpec Triggers, WebhookAnswer Webhook)
{
    internal static ProjectAnswer Of(ProjectView view, string publicUrl) => new(
        view.Project.Key, view.Project.Name, view.Project.Description, view.Project.Repository, BuildAnswer.Of(view.Project.Build, view.BuildSecretNames), view.Project.Deploy,
        view.Project.Triggers, new WebhookAnswer(WebhookUrls.Of(publicUrl, view.Project.Key), view.HasWebhookSecret));
}

/// <summary>How a project is built, without its secrets.</summary>
/// <param name="Image">Container image.</param>
/// <param name="Script">Lines of the script.</param>
/// <param name="Variables">Plain variables.</param>
/// <param name="SecretNames">Names of the secrets.</param>
/// <param name="Artifacts">Patterns of what becomes the release.</param>
/// <param name="Caches">Folders kept between builds.</param>
/// <param name="Cpus">Processor limit, in cores.</param>
/// <param name="MemoryMb">Memory limit, in MiB.</param>
/// <param name="Pids">Most processes and threads.</param>
/// <param name="TimeoutSeconds">Time limit, in seconds.</param>
/// <param name="Network">The engine's network.</param>
public sealed record BuildAnswer(
    string Image, IReadOnlyList<string> Script, IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> SecretNames, IReadOnlyList<string> Artifacts,
    IReadOnlyList<string> Caches, double Cpus, int MemoryMb, int Pids, int TimeoutSeconds, string Network)
{
    internal static BuildAnswer Of(BuildSpec build, IReadOnlyList<string> secretNames) => new(
        build.Image, build.Script, build.Variables, secretNames, build.Artifacts, build.Caches, build.Cpus, build.MemoryMb, build.Pids, build.TimeoutSeconds, build.Network);
}

/// <summary>What a repository answered.</summary>
/// <param name="Branches">Its branches and the commits they stand on.</param>
public sealed record RepositoryAnswer(IReadOnlyList<SourceBranch> Branches);
