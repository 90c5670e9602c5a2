using DevOps.Core.Refusals;

namespace DevOps.Core.Access;

/// <summary>Who asks: a person, or the platform itself. Handed to every verb and query.</summary>
/// <param name="Name">User name, as it stands in the audit log.</param>
/// <param name="Role">Role for the whole platform.</param>
/// <param name="ProjectRoles">Roles for single projects, by project id; the higher of both counts.</param>
/// <param name="Address">Where the request came from, for the audit log.</param>
public sealed record Actor(string Name, Role Role, IReadOnlyDictionary<long, Role> ProjectRoles, string? Address = null)
{
    /// <summary>The platform itself (housekeeping, resumed work).</summary>
    public static Actor Platform { get; } = new("platform", Role.Admin, new Dictionary<long, Role>());

    /// <summary>Says whether the actor has a permission, on a project or for the whole platform.</summary>
    public bool May(Permission permission, long? projectId = null)
    {
        var role = Role;
        if (projectId is { } id && ProjectRoles.TryGetValue(id, out var own) && own > role)
        {
            role = own;
        }

        return PermissionTable.Has(role, permission);
    }

    /// <summary>The projects that can be seen, or null when all of them can.</summary>
    public IReadOnlyCollection<long>? VisibleProjects =>
        May(Permission.ProjectRead) ? null : [.. ProjectRoles.Where(p => PermissionTable.Has(p.Value, Permission.ProjectRead)).Select(p => p.Key)];

    /// <summary>Refuses when the actor lacks a permission.</summary>
    /// <exception cref="Forbidden">The actor lacks the permission.</exception>
    public void Demand(Permission permission, long? projectId = null)
    {
        if (!May(permission, projectId))
        {
            throw new Forbidden($"{Name} lacks the permission {permission} here. Ask an administrator for a role that has it.");
        }
    }
}
