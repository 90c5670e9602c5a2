using DevOps.Core.Access;
using Microsoft.AspNetCore.Identity;

namespace DevOps.Infrastructure.Access;

/// <summary>A person who may sign in.</summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>Name for people.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>Role for the whole platform.</summary>
    public Role Role { get; set; } = Role.Viewer;

    /// <summary>True when the person may no longer sign in.</summary>
    public bool Disabled { get; set; }

    /// <summary>When it was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Roles in single projects.</summary>
    public List<ProjectMember> Projects { get; set; } = [];
}

/// <summary>A person's role in one project.</summary>
public sealed class ProjectMember
{
    public long ProjectId { get; set; }

    public Guid AccountId { get; set; }

    public Role Role { get; set; }
}
