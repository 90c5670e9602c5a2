using System.Globalization;
using System.Security.Claims;

namespace DevOps.Infrastructure.Access;

/// <summary>What a cookie or token says: which account, at which state of its security stamp, in which session. Roles are never in it; they are read.</summary>
public static class AccountClaims
{
    /// <summary>Claim with the account's id.</summary>
    public const string Id = "sub";

    /// <summary>Claim with the user name.</summary>
    public const string Name = "name";

    /// <summary>Claim with the security stamp; a changed stamp ends every session.</summary>
    public const string Stamp = "stamp";

    /// <summary>Claim of a cookie with the id of its session.</summary>
    public const string Session = "sid";

    /// <summary>Claim with the id of the personal token that was sent.</summary>
    public const string Token = "token";

    /// <summary>Claim with the address of the request, added when it arrives and never stored.</summary>
    public const string Address = "address";

    /// <summary>The claims of an account.</summary>
    public static IEnumerable<Claim> Of(Account account) =>
    [
        new(Id, account.Id.ToString()),
        new(Name, account.UserName!),
        new(Stamp, account.SecurityStamp ?? ""),
    ];

    /// <summary>The principal of an account.</summary>
    public static ClaimsPrincipal Principal(Account account, string scheme) => new(new ClaimsIdentity(Of(account), scheme, Name, roleType: null));

    /// <summary>Notes where the request came from.</summary>
    public static void SetAddress(ClaimsPrincipal principal, string? address) => Set(principal, Address, address);

    /// <summary>Binds a cookie to its session.</summary>
    public static void SetSession(ClaimsPrincipal principal, Guid session) => Set(principal, Session, session.ToString());

    /// <summary>Notes the personal token that was sent.</summary>
    public static void SetToken(ClaimsPrincipal principal, long token) => Set(principal, Token, token.ToString(CultureInfo.InvariantCulture));

    private static void Set(ClaimsPrincipal principal, string type, string? value)
    {
        if (principal.Identity is not ClaimsIdentity identity || value is null)
        {
            return;
        }

        foreach (var old in identity.FindAll(type).ToList())
        {
            identity.RemoveClaim(old);
        }

        identity.AddClaim(new Claim(type, value));
    }
}
