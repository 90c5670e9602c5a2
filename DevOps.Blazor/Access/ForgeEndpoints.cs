using System.Security.Claims;
using System.Security.Cryptography;
using DevOps.Blazor.Hosting;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;

namespace DevOps.Blazor.Access;

/// <summary>Sends browsers to a forge.</summary>
public static class ForgeEndpoints
{
    private const string Purpose = "forge-link";
    private static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(30);

    /// <summary>Maps <c>GET /login/with/{provider}</c>.</summary>
    public static void MapForges(this IEndpointRouteBuilder app) => app.MapGet(AppUrls.SignInWithRoute, Begin)
        .RequireRateLimiting(ApiSetup.SignInLimit).AllowAnonymous().ExcludeFromDescription();

    /// <summary>Proves that the account's own page asked for a link: a link that any site could start would tie a stranger's forge to it.</summary>
    internal static string Ticket(IDataProtectionProvider protection, ClaimsPrincipal principal) =>
        Protector(protection).Protect(principal.FindFirstValue(AccountClaims.Id)!, TicketLifetime);

    private static IResult Begin(string provider, string? returnUrl, string? ticket, Forges forges, IDataProtectionProvider protection)
    {
        if (!forges.Items.Any(i => string.Equals(i.Forge.Name, provider, StringComparison.Ordinal)))
        {
            return Results.NotFound();
        }

        var properties = new AuthenticationProperties { RedirectUri = ReturnUrl.Local(returnUrl) };
        if (ticket is not null)
        {
            try
            {
                properties.Items[ForgeDoor.LinkItem] = Protector(protection).Unprotect(ticket);
            }
            catch (CryptographicException)
            {
                return Results.LocalRedirect(AppUrls.Account);
            }
        }

        return Results.Challenge(properties, [provider]);
    }

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector(Purpose).ToTimeLimitedDataProtector();
}
