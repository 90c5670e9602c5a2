using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Infrastructure.Environments;

namespace DevOps.Blazor.Environments;

/// <summary>The fields of an environment while they are typed.</summary>
public sealed class EnvironmentModel
{
    private const int SecondsPerHour = 3600;

    public string Name { get; set; } = "";

    public int Position { get; set; } = 1;

    public IReadOnlyList<string> Servers { get; set; } = [];

    public IReadOnlyList<string> ServerTags { get; set; } = [];

    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names that are stored.</summary>
    public IReadOnlyList<string> SecretNames { get; set; } = [];

    /// <summary>Changes to the secrets.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Files { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool AutoDeploy { get; set; }

    public bool Supersede { get; set; } = true;

    public int ApprovalsRequired { get; set; }

    public Role ApprovalRole { get; set; } = Role.Maintainer;

    public int ApprovalHours { get; set; } = 24;

    public string PromoteFrom { get; set; } = "";

    public IReadOnlyList<Freeze> Freezes { get; set; } = [];

    public IReadOnlyList<WeeklyFreeze> FreezeWeekly { get; set; } = [];

    /// <summary>The fields of an environment that is there.</summary>
    public static EnvironmentModel Of(EnvironmentView view) => new()
    {
        Name = view.Environment.Name,
        Position = view.Environment.Position,
        Servers = view.Environment.Servers,
        ServerTags = view.Environment.ServerTags,
        Variables = view.Environment.Variables,
        SecretNames = view.SecretNames,
        Files = view.Environment.Files,
        AutoDeploy = view.Environment.AutoDeploy,
        Supersede = view.Environment.Supersede,
        ApprovalsRequired = view.Environment.Approvals.Required,
        ApprovalRole = view.Environment.Approvals.Role,
        ApprovalHours = Math.Max(1, view.Environment.Approvals.ExpireSeconds / SecondsPerHour),
        PromoteFrom = view.Environment.PromoteFrom ?? "",
        Freezes = view.Environment.Freezes,
        FreezeWeekly = view.Environment.FreezeWeekly,
    };

    /// <summary>What the verbs take.</summary>
    public EnvironmentDraft Draft() => new()
    {
        Name = Name.Trim(),
        Position = Position,
        Servers = Servers,
        ServerTags = ServerTags,
        Variables = Variables,
        Secrets = Secrets,
        Files = Files,
        AutoDeploy = AutoDeploy,
        Supersede = Supersede,
        Approvals = new ApprovalRule { Required = ApprovalsRequired, Role = ApprovalRole, ExpireSeconds = ApprovalHours * SecondsPerHour },
        PromoteFrom = PromoteFrom,
        Freezes = Freezes,
        FreezeWeekly = FreezeWeekly,
    };
}
