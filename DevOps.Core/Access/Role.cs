namespace DevOps.Core.Access;

/// <summary>A named set of permissions. Each role includes the one before it.</summary>
public enum Role
{
    /// <summary>No role: sees nothing.</summary>
    None = 0,

    /// <summary>Reads.</summary>
    Viewer = 1,

    /// <summary>Deploys, cancels, retries, rolls back.</summary>
    Deployer = 2,

    /// <summary>Edits projects, environments, servers, credentials.</summary>
    Maintainer = 3,

    /// <summary>Users, settings, everything.</summary>
    Admin = 4,
}
