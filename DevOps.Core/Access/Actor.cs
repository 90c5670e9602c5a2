using DevOps.Core.Refusals;

namespace DevOps.Core.Access;

/// <summary>Who asks: a person, or the platform itself. Handed to every verb and query.</summary>
/// <param name="Name">User name, as it stands in the audit log.</param>
/// <param name="Role">Role for the whole platform.</param>
/// <param name="ProjectRoles">Roles for single projects, by project id; the higher of both counts.</param>
/// <param name="Address">Where the request came from, for the audit log.</param>
public sealed record Actor(string Name, Role Role, IReadOnlyDictionary<long, Role> ProjectRoles, string? Address = null)
{
    /// <summary>True for a person whose role needs a second factor that is not set up: no role counts until then.</summary>
    public bool OwesSecondFactor { get; init; }

    /// <summary>The platform itself (housekeeping, resumed work).</summary>
    public static Actor Platform { get; } = new("platform", Role.Admin, new Dictionary<long, Role>());

    /// <summary>What a personal token lets through of the permissions; everything when the person itself signed in.</summary>
    public TokenScope Scope { get; init; } = TokenScope.Admin;

    /// <summary>The browser session the actor comes from; null for programs.</summary>
    public Guid? Session { get; init; }

    /// <summary>When the personal token that speaks for the actor ends (UTC); null without one.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Says whether the actor has a permission, on a project or for the whole platform.</summary>
    public bool May(Permission permission, long? projectId = null) =>
        PermissionTable.Has(RoleIn(projectId), permission) && ScopeTable.Has(Scope, permission);

    /// <summary>The role that counts, on a project or for the whole platform.</summary>
    public Role RoleIn(long? projectId) => projectId is { } id && ProjectRoles.TryGetValue(id, out var own) && own > Role ? own : Role;

    /// <summary>Says whether the actor may do exactly what another one may.</summary>
    public bool HasRightsOf(Actor other) =>
        Role == other.Role && Scope == other.Scope && ProjectRoles.Count == other.ProjectRoles.Count
        && ProjectRoles.All(p => other.ProjectRoles.TryGetValue(p.Key, out var role) && role == p.Value);

    /// <summary>The projects that can be seen, or null when all of them can.</summary>
    public IReadOnlyCollection<long>? VisibleProjects =>
        May(Permission.ProjectRead) ? null : [.. ProjectRoles.Keys.Where(id => May(Permission.ProjectRead, id))];

    /// <summary>Refuses when the actor lacks a permission.</summary>
    /// <exception cref="Forbidden">The actor lacks the permission.</exception>
    public void Demand(Permission permission, long? projectId = null)
    {
        if (!ScopeTable.Has(Scope, permission))
        {
            throw new Forbidden($"The scope of this personal token leaves the permission {permission} out. Use one with a wider scope.");
        }

        if (!May(permission, projectId))
        {
            throw new Forbidden($"{Name} lacks the permission {permission} here. Ask an administrator for a role that has it.");
        }
    }

    /// <summary>Refuses a personal token that is narrower than its owner: own tokens, sessions and password are out of its reach.</summary>
    /// <exception cref="Forbidden">The token's scope is not <see cref="TokenScope.Admin"/>.</exception>
    public void DemandWholeScope()
    {
        if (Scope != TokenScope.Admin)
        {
            throw new Forbidden("A personal token needs the scope admin for this. Use one that has it, or sign in.");
        }
    }
}
