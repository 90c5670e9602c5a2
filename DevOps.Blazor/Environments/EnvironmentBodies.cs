using DevOps.Core.Environments;
using DevOps.Infrastructure.Environments;

namespace DevOps.Blazor.Environments;

/// <summary>An environment as a client sends it.</summary>
public sealed record EnvironmentBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        {
          "position": 3, "servers": ["app-1"], "serverTags": ["web"], "variables": { "A": "b" }, "secrets": { "DB_PASSWORD": "…" }, "files": { "config/app.json": "{}" },
          "autoDeploy": false, "approvals": { "required": 1, "role": "maintainer", "expireSeconds": 86400 }, "supersede": true, "promoteFrom": "staging",
          "freezes": [{ "from": "2030-12-24T00:00:00Z", "to": "2031-01-02T00:00:00Z", "reason": "Year's end" }],
          "freezeWeekly": [{ "day": "friday", "from": "17:00", "to": "24:00", "timeZone": "Asia/Shanghai" }]
        }
        """;

    /// <summary>May be given when it is the name in the address.</summary>
    public string? Name { get; init; }

    /// <summary>Place in the line from development to production, from 1.</summary>
    public int Position { get; init; } = 1;

    /// <summary>Names of servers.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Servers with any of these tags belong to it too.</summary>
    public IReadOnlyList<string> ServerTags { get; init; } = [];

    /// <summary>Plain variables for the commands on servers.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets, write-only: one that is left out stays, null deletes it.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of the secrets as a GET answers them. Taken and not used, so that what was read can be sent back.</summary>
    public IReadOnlyList<string> SecretNames { get; init; } = [];

    /// <summary>Files written into each release: relative path to content.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether pushes that match the project's triggers are deployed here by themselves.</summary>
    public bool AutoDeploy { get; init; }

    /// <summary>Whether a newer request replaces those that still wait.</summary>
    public bool Supersede { get; init; } = true;

    /// <summary>Who has to say yes before a deployment runs.</summary>
    public ApprovalRule Approvals { get; init; } = new();

    /// <summary>Name of the environment a release must have succeeded in before it may come here.</summary>
    public string? PromoteFrom { get; init; }

    /// <summary>Spans of time in which nothing is deployed.</summary>
    public IReadOnlyList<Freeze> Freezes { get; init; } = [];

    /// <summary>Spans of every week in which nothing is deployed.</summary>
    public IReadOnlyList<WeeklyFreeze> FreezeWeekly { get; init; } = [];

    /// <summary>The lock as a GET answers it. Taken and not used, so that what was read can be sent back.</summary>
    public LockAnswer? Lock { get; init; }

    internal EnvironmentDraft Draft(string name) => new()
    {
        Name = name,
        Position = Position,
        Servers = Servers,
        ServerTags = ServerTags,
        Variables = Variables,
        Secrets = Secrets,
        Files = Files,
        AutoDeploy = AutoDeploy,
        Supersede = Supersede,
        Approvals = Approvals,
        PromoteFrom = PromoteFrom,
        Freezes = Freezes,
        FreezeWeekly = FreezeWeekly,
    };
}

/// <summary>An environment.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Position">Place in the line from development to production, from 1.</param>
/// <param name="Servers">Names of servers.</param>
/// <param name="ServerTags">Servers with any of these tags belong to it too.</param>
/// <param name="Variables">Plain variables for the commands on servers.</param>
/// <param name="SecretNames">Names of the secrets.</param>
/// <param name="Files">Files written into each release.</param>
/// <param name="AutoDeploy">Whether pushes that match the project's triggers are deployed here by themselves.</param>
/// <param name="Supersede">Whether a newer request replaces those that still wait.</param>
/// <param name="Approvals">Who has to say yes before a deployment runs.</param>
/// <param name="PromoteFrom">Name of the environment a release must have succeeded in before it may come here.</param>
/// <param name="Freezes">Spans of time in which nothing is deployed.</param>
/// <param name="FreezeWeekly">Spans of every week in which nothing is deployed.</param>
/// <param name="Lock">Who stopped deployments by hand; null while they are allowed.</param>
public sealed record EnvironmentAnswer(
    string Name, int Position, IReadOnlyList<string> Servers, IReadOnlyList<string> ServerTags, IReadOnlyDictionary<string, string> Variables,
    IReadOnlyList<string> SecretNames, IReadOnlyDictionary<string, string> Files, bool AutoDeploy, bool Supersede,
    ApprovalRule Approvals, string? PromoteFrom, IReadOnlyList<Freeze> Freezes, IReadOnlyList<WeeklyFreeze> FreezeWeekly, LockAnswer? Lock)
{
    internal static EnvironmentAnswer Of(EnvironmentView view)
    {
        var environment = view.Environment;
        return new(
            environment.Name, environment.Position, environment.Servers, environment.ServerTags, environment.Variables,
            view.SecretNames, environment.Files, environment.AutoDeploy, environment.Supersede,
            environment.Approvals, environment.PromoteFrom, environment.Freezes, environment.FreezeWeekly, LockAnswer.Of(environment));
    }
}

/// <summary>A lock that stops deployments by hand.</summary>
/// <param name="By">Who locked.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why.</param>
public sealed record LockAnswer(string By, DateTimeOffset At, string Reason)
{
    internal static LockAnswer? Of(DeploymentEnvironment environment) =>
        environment is { LockedBy: { } by, LockedAt: { } at } ? new LockAnswer(by, at, environment.LockReason ?? "") : null;
}

/// <summary>Why deployments are stopped.</summary>
public sealed record LockBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "reason": "The database is moved until noon" }
        """;

    /// <summary>Why, for those who are stopped; one line.</summary>
    public string Reason { get; init; } = "";
}
