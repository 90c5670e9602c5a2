using System.Security.Claims;
using DevOps.Infrastructure.Access;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace DevOps.Blazor.Access;

/// <summary>An access token and its end.</summary>
public sealed record AccessToken(string Text, DateTimeOffset ExpiresAt);

/// <summary>Signs access tokens.</summary>
public sealed class AccessTokens(SigningKeys keys, IOptions<AccessOptions> options, TimeProvider time)
{
    /// <summary>Who signs, and for whom: the platform for itself.</summary>
    public const string Issuer = "devops";

    /// <summary>What the tokens call themselves.</summary>
    public const string Type = "JWT";

    /// <summary>How far the clocks of two processes may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>Signs a token for an account.</summary>
    public async Task<AccessToken> IssueAsync(Account account, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + options.Value.TokenSeconds);
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Subject = new ClaimsIdentity(AccountClaims.Of(account)),
            SigningCredentials = new SigningCredentials(KeyOf(await keys.CurrentAsync(cancellationToken)), SecurityAlgorithms.HmacSha256),
        };
        return new AccessToken(new JsonWebTokenHandler().CreateToken(descriptor), expires);
    }

    /// <summary>A key in the form the token library takes.</summary>
    internal static SymmetricSecurityKey KeyOf(OpenSigningKey key) => new(key.Bytes) { KeyId = key.Kid };
}
