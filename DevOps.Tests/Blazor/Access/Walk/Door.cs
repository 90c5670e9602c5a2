using DevOps.Core.Access;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Who gets in.</summary>
internal enum Entry
{
    /// <summary>Anybody, without signing in.</summary>
    Anybody,

    /// <summary>Whoever is signed in; what is shown depends on who asks.</summary>
    SignedIn,

    /// <summary>Whoever has the permission for the whole platform.</summary>
    Platform,

    /// <summary>Whoever has the permission in the project of the address. To others who cannot see the project it is not there.</summary>
    Project,

    /// <summary>Nobody without the signature or token that the door itself asks for.</summary>
    Proof,
}

/// <summary>A row of the access table: one address of the application and who gets in.</summary>
/// <param name="Entry">Who gets in.</param>
/// <param name="Permission">The permission asked for, where one is.</param>
/// <param name="Address">Method and route as they are mapped, <c>GET /api/v1/projects/{key}</c>; pages stand with the method <c>PAGE</c>.</param>
/// <param name="Body">The least body that can be read; it need not be accepted.</param>
internal sealed record Door(Entry Entry, Permission? Permission, string Address, string? Body)
{
    /// <summary>True when the walk's world holds nothing under this address, so that who gets in may be told 404.</summary>
    public bool MayBeAbsent { get; init; }

    /// <summary>The method, or <c>PAGE</c>.</summary>
    public string Method => Address.Split(' ')[0];

    /// <summary>The route.</summary>
    public string Route => Address.Split(' ')[1];

    /// <summary>True for pages.</summary>
    public bool IsPage => string.Equals(Method, "PAGE", StringComparison.Ordinal);

    /// <summary>Says whether someone gets in.</summary>
    public bool LetsIn(Visitor visitor) => Entry switch
    {
        Entry.Anybody => true,
        Entry.SignedIn => visitor.SignedIn,
        Entry.Platform => visitor.SignedIn && PermissionTable.Has(visitor.Platform, Permission!.Value),
        Entry.Project => visitor.SignedIn && PermissionTable.Has(visitor.Here, Permission!.Value),
        _ => false,
    };

    /// <summary>Makes the 404 of an address without anything behind it good.</summary>
    public Door Absent() => this with { MayBeAbsent = true };

    /// <inheritdoc/>
    public override string ToString() => Address;
}
