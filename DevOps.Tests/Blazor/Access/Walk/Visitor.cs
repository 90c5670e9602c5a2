using DevOps.Core.Access;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Someone who walks by every door.</summary>
/// <param name="Name">User name; empty: nobody is signed in.</param>
/// <param name="Platform">Role for the whole platform.</param>
/// <param name="Member">Role in the project of the address.</param>
/// <param name="Elsewhere">Role in another project.</param>
internal sealed record Visitor(string Name, Role Platform = Role.None, Role Member = Role.None, Role Elsewhere = Role.None)
{
    /// <summary>Everybody, from nobody to the administrator.</summary>
    public static IReadOnlyList<Visitor> All { get; } =
    [
        new(""),
        new("stranger", Elsewhere: Role.Maintainer),
        new("member-viewer", Member: Role.Viewer),
        new("member-deployer", Member: Role.Deployer),
        new("member-maintainer", Member: Role.Maintainer),
        new("walk-viewer", Role.Viewer),
        new("walk-deployer", Role.Deployer),
        new("walk-maintainer", Role.Maintainer),
        new("walk-admin", Role.Admin),
    ];

    /// <summary>True unless it is nobody.</summary>
    public bool SignedIn => Name.Length > 0;

    /// <summary>The role that counts in the project of the address.</summary>
    public Role Here => Platform > Member ? Platform : Member;

    /// <summary>True when the project of the address can be seen.</summary>
    public bool SeesProject => PermissionTable.Has(Here, Permission.ProjectRead);

    /// <inheritdoc/>
    public override string ToString() => SignedIn ? Name : "nobody";
}
