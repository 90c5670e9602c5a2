using DevOps.Core.Access;

namespace DevOps.Blazor.Layout;

/// <summary>An entry of the menu.</summary>
/// <param name="TitleKey">Name of its text.</param>
/// <param name="Icon">Name of its icon.</param>
/// <param name="Url">The page.</param>
/// <param name="Permission">What one needs for the whole platform to open it; null: nothing.</param>
public sealed record NavItem(string TitleKey, string Icon, string Url, Permission? Permission = null);

/// <summary>Entries of the menu under one title, or under none. Only pages that exist stand here.</summary>
public sealed record NavGroup(string TitleKey, IReadOnlyList<NavItem> Items)
{
    /// <summary>The menu, top to bottom.</summary>
    public static IReadOnlyList<NavGroup> All { get; } =
    [
        new("", [new("NavDashboard", "space_dashboard", AppUrls.Home)]),
        new("NavDeploy", [new("NavProjects", "deployed_code", AppUrls.Projects), new("NavDeployments", "rocket_launch", AppUrls.Deployments), new("NavApprovals", "approval_delegation", AppUrls.Approvals), new("NavApplications", "apps", AppUrls.Applications), new("NavSchedules", "event_repeat", AppUrls.Schedules)]),
        new("NavInfrastructure", [new("NavServers", "dns", AppUrls.Servers, Permission.ServerRead), new("NavCredentials", "key", AppUrls.Credentials, Permission.CredentialRead)]),
        new("NavInsight", [new("NavInsights", "monitoring", AppUrls.Insights)]),
        new("NavOrganisation", [new("NavUsers", "group", AppUrls.Users, Permission.UserEdit), new("NavNotifications", "campaign", AppUrls.Notifications, Permission.NotificationEdit), new("NavAudit", "history", AppUrls.Audit, Permission.AuditRead), new("NavSettings", "settings", AppUrls.Settings, Permission.SettingsEdit)]),
    ];

    /// <summary>What of the menu someone may open. Pages ask for themselves; this only spares people ways that end at a refusal.</summary>
    public static IReadOnlyList<NavGroup> For(Actor? actor) =>
    [
        .. All.Select(g => g with { Items = [.. g.Items.Where(i => i.Permission is not { } needed || actor?.May(needed) == true)] })
            .Where(g => g.Items.Count > 0),
    ];
}
