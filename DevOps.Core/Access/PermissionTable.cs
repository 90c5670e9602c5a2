namespace DevOps.Core.Access;

/// <summary>Which role has which permission: the only place that says so.</summary>
public static class PermissionTable
{
    private static readonly Dictionary<Permission, Role> LowestRole = new()
    {
        [Permission.ProjectRead] = Role.Viewer,
        [Permission.ServerRead] = Role.Viewer,
        [Permission.Deploy] = Role.Deployer,
        [Permission.DeploymentControl] = Role.Deployer,
        [Permission.Approve] = Role.Maintainer,
        [Permission.FreezeOverride] = Role.Admin,
        [Permission.ProjectEdit] = Role.Maintainer,
        [Permission.ServerEdit] = Role.Maintainer,
        [Permission.CredentialRead] = Role.Maintainer,
        [Permission.CredentialEdit] = Role.Maintainer,
        [Permission.NotificationEdit] = Role.Maintainer,
        [Permission.AuditRead] = Role.Admin,
        [Permission.UserEdit] = Role.Admin,
        [Permission.SettingsEdit] = Role.Admin,
    };

    /// <summary>Says whether a role has a permission. A permission that is not in the table belongs to nobody.</summary>
    public static bool Has(Role role, Permission permission) =>
        LowestRole.TryGetValue(permission, out var lowest) && role >= lowest;

    /// <summary>All permissions of a role, in the order of the enum.</summary>
    public static IReadOnlyList<Permission> Of(Role role) =>
        [.. Enum.GetValues<Permission>().Where(p => Has(role, p))];
}
