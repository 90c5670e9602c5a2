namespace DevOps.Core.Access;

/// <summary>Which permissions a personal token may use of those its owner has: the only place that says so.</summary>
public static class ScopeTable
{
    private static readonly Dictionary<Permission, TokenScope> LowestScope = new()
    {
        [Permission.ProjectRead] = TokenScope.Read,
        [Permission.ServerRead] = TokenScope.Read,
        [Permission.CredentialRead] = TokenScope.Read,
        [Permission.AuditRead] = TokenScope.Read,
        [Permission.Deploy] = TokenScope.Deploy,
        [Permission.DeploymentControl] = TokenScope.Deploy,
    };

    /// <summary>Says whether a scope lets a permission through. A permission that is not in the table needs <see cref="TokenScope.Admin"/>.</summary>
    public static bool Has(TokenScope scope, Permission permission) =>
        scope >= LowestScope.GetValueOrDefault(permission, TokenScope.Admin);
}
