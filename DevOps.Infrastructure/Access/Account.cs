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

    /// <summary>When the person last signed in (UTC); null before the first time.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Hash of the open <see cref="PasswordLink"/>.</summary>
    public string? LinkHash { get; set; }

    /// <summary>When the open <see cref="PasswordLink"/> ends (UTC).</summary>
    public DateTimeOffset? LinkUntil { get; set; }

    /// <summary>Secret of the authenticator app, sealed; counts while <c>TwoFactorEnabled</c>.</summary>
    public byte[]? AuthenticatorKey { get; set; }

    /// <summary>The time step whose code was accepted last: no code of it or before it is accepted again.</summary>
    public long AuthenticatorStep { get; set; }

    /// <summary>Hashes of the recovery codes that are left.</summary>
    public List<string> RecoveryCodes { get; set; } = [];

    /// <summary>Wrong codes in a row. Counted apart from wrong passwords: a right password must not forget them.</summary>
    public int CodeFailures { get; set; }

    /// <summary>Until when no code is looked at (UTC).</summary>
    public DateTimeOffset? CodeLockedUntil { get; set; }

    /// <summary>The forge whose organisations give this account its role; null when administrators do.</summary>
    public string? RoleFrom { get; set; }

    /// <summary>Roles in single projects.</summary>
    public List<ProjectMember> Projects { get; set; } = [];

    /// <summary>Says whether a forge gives the account its role.</summary>
    public bool TakesRoleFrom(string provider) => string.Equals(RoleFrom, provider, StringComparison.Ordinal);
}

/// <summary>A person's role in one project.</summary>
public sealed class ProjectMember
{
    public long ProjectId { get; set; }

    public Guid AccountId { get; set; }

    public Role Role { get; set; }
}
