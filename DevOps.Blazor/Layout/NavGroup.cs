using DevOps.Core.Access;

namespace DevOps.Blazor.Layout;

/// <summary>An entry of the menu.</summary>
/// <param name="TitleKey">Name of its text.</param>
/// <param name="Icon">Name of its icon.</param>
/// <param name="Url">The page.</param>
/// <param name="Permission">What one needs for the whole platform to find something there; null: nothing.</param>
public sealed record NavItem(string TitleKey, string Icon, string Url, Permission? Permission = null);

/// <summary>Entries of the menu under one title, or under none. Only pages that exist stand here.</summary>
public sealed record NavGroup(string TitleKey, IReadOnlyList<NavItem> Items)
{
    /// <summary>The menu, top to bottom.</summary>
    public static IReadOnlyList<NavGroup> All { get; } =
    [
        new("", [new("NavDashboard", "space_dashboard", AppUrls.Home)]),
        new("NavDeploy", [new("NavProjects", "deployed_code", AppUrls.Projects), new("NavDeployments", "rocket_launch", AppUrls.Deployments), new("NavApprovals", "approval_delegation", AppUrls.Approvals), new("NavApplications", "apps", AppUrls.Applications), new("NavSchedules", "event_repeat", AppUrls.Schedules)]),
        new("NavInfrastructure", [new("NavServers", "dns", AppUrls.Servers), new("NavCredentials", "key", AppUrls.Credentials)]),
        new("NavInsight", [new("NavInsights", "monitoring", AppUrls.Insights)]),
        new("NavOrganisation", [new("NavUsers", "group", AppUrls.Users), new("NavNotifications", "campaign", AppUrls.Notifications), new("NavAudit", "history", AppUrls.Audit, Permission.AuditRead), new("NavSettings", "settings", AppUrls.Settings)]),
    ];
}
