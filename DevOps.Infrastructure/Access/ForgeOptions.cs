using DevOps.Core.Access;

namespace DevOps.Infrastructure.Access;

/// <summary>Signing in through a forge. Section <c>Access:OAuth:{provider}</c>; off until it holds a client id.</summary>
public sealed class ForgeOptions
{
    /// <summary>Section of the configuration, one part per provider below it.</summary>
    public const string Section = "Access:OAuth";

    /// <summary>Id of the application registered at the forge.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Secret of that application.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>Address of a self-hosted forge; empty: the public one.</summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>Seconds to wait for an answer of the forge.</summary>
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>Organisations (groups) one of which a person must belong to; empty: anybody.</summary>
    public IList<string> AllowedOrganisations { get; set; } = [];

    /// <summary>Role for the whole platform by organisation (group). Only who gets a role by it gets an account.</summary>
    public IDictionary<string, Role> RoleMap { get; set; } = new Dictionary<string, Role>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Says whether somebody of these organisations may come in at all.</summary>
    public bool Admits(IReadOnlyCollection<string> organisations) =>
        AllowedOrganisations.Count == 0 || AllowedOrganisations.Any(allowed => organisations.Contains(allowed, StringComparer.OrdinalIgnoreCase));

    /// <summary>The highest role that these organisations give.</summary>
    public Role RoleOf(IReadOnlyCollection<string> organisations) =>
        RoleMap.Where(rule => organisations.Contains(rule.Key, StringComparer.OrdinalIgnoreCase)).Select(rule => rule.Value).DefaultIfEmpty(Role.None).Max();
}

/// <summary>What a forge said of who stands at the door, over a line of ours and not by the browser.</summary>
/// <param name="Provider">Which forge.</param>
/// <param name="Id">The forge's own number of the person: never changes, never given to somebody else.</param>
/// <param name="Login">The name there; can change.</param>
/// <param name="Name">Name for people, or empty.</param>
/// <param name="Organisations">Organisations or groups the person belongs to.</param>
public sealed record ForgeIdentity(string Provider, string Id, string Login, string Name, IReadOnlyCollection<string> Organisations);

/// <summary>Why a person who came from a forge is not let in.</summary>
public enum ForgeRefusal
{
    /// <summary>The account here is disabled.</summary>
    Disabled,

    /// <summary>None of the person's organisations may come in.</summary>
    NotAllowed,

    /// <summary>No organisation of the person gives a role.</summary>
    NoRole,
}
