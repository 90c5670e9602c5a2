using System.Text.Encodings.Web;
using DevOps.Blazor.Hosting;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Access;

/// <summary>Lets in who sends a personal token as <c>Authorization: Bearer dvt_…</c>.</summary>
public sealed class PersonalTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, PersonalTokenReader tokens, ActorReader actors, LastUses uses)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string Name = "PersonalToken";

    private const string Bearer = "Bearer ";

    /// <summary>Says whether a request carries a personal token.</summary>
    public static bool Concerns(HttpRequest request) => TextOf(request) is not null;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TextOf(Request) is not { } text)
        {
            return AuthenticateResult.NoResult();
        }

        if (await tokens.FindAsync(text, Scheme.Name, Context.RequestAborted) is not var (principal, id))
        {
            return AuthenticateResult.Fail("There is no such token, or it is over.");
        }

        AccountClaims.SetAddress(principal, Context.Address());
        if (await actors.ReadAsync(principal, Context.RequestAborted) is null)
        {
            return AuthenticateResult.Fail("The account is disabled.");
        }

        uses.Token(id, Context.Address());
        return AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));
    }

    private static string? TextOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && header[Bearer.Length..].Trim() is var text && text.StartsWith(PersonalTokenText.Mark, StringComparison.Ordinal)
            ? text
            : null;
    }
}
