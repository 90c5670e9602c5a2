using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace DevOps.Blazor.Hosting;

/// <summary>How access tokens are verified: one algorithm, one issuer, one audience, a lifetime, a key we made.</summary>
internal static class BearerSetup
{
    private static readonly JsonWebTokenHandler Reader = new();

    public static void Configure(JwtBearerOptions options, SigningKeys keys, TimeProvider time)
    {
        options.MapInboundClaims = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = AccessTokens.Issuer,
            ValidAudience = AccessTokens.Issuer,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidTypes = [AccessTokens.Type],
            NameClaimType = AccountClaims.Name,
            IssuerSigningKeyResolver = (_, _, kid, _) => keys.Find(string.IsNullOrEmpty(kid) ? null : kid) is { } key ? [AccessTokens.KeyOf(key)] : [],
            LifetimeValidator = (from, until, _, _) => from <= time.GetUtcNow() + AccessTokens.Skew && until > time.GetUtcNow() - AccessTokens.Skew,
        };
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = context => LoadKeyAsync(context, keys),
            OnTokenValidated = ReadAccountAsync,
            OnChallenge = context =>
            {
                context.HandleResponse();
                context.Response.Headers.WWWAuthenticate = "Bearer";
                return Problems.WriteAsync(context.HttpContext, StatusCodes.Status401Unauthorized, BadRequests.DetailOf(StatusCodes.Status401Unauthorized));
            },
            OnForbidden = context => Problems.WriteAsync(context.HttpContext, StatusCodes.Status403Forbidden, "Your role does not allow this."),
        };
    }

    // The handler asks for the key without waiting, so it is brought into memory before: another process may have made it a moment ago.
    private static async Task LoadKeyAsync(MessageReceivedContext context, SigningKeys keys)
    {
        const string Bearer = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            await keys.LoadAsync(KidOf(header[Bearer.Length..].Trim()), context.HttpContext.RequestAborted);
        }
    }

    private static string? KidOf(string token)
    {
        try
        {
            return Reader.CanReadToken(token) && Reader.ReadJsonWebToken(token).Kid is { Length: > 0 } kid ? kid : null;
        }
        catch (ArgumentException)
        {
            // No token of ours; the handler refuses it.
            return null;
        }
    }

    private static async Task ReadAccountAsync(TokenValidatedContext context)
    {
        var http = context.HttpContext;
        AccountClaims.SetAddress(context.Principal!, http.Address());
        if (await http.RequestServices.GetRequiredService<ActorReader>().ReadAsync(context.Principal!, http.RequestAborted) is null)
        {
            context.Fail("The account is gone, disabled, or ended its sessions.");
        }
    }
}
