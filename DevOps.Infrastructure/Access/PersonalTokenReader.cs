using System.Security.Claims;
using System.Security.Cryptography;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Finds who stands behind the text of a personal token.</summary>
public sealed class PersonalTokenReader(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    /// <summary>Who stands behind a token's text, and the token's id; null when there is no such token or it is over. Looked up at every request, so that a revoked one is refused at once.</summary>
    public async Task<(ClaimsPrincipal Principal, long Id)?> FindAsync(string text, string scheme, CancellationToken cancellationToken)
    {
        if (!PersonalTokenText.IsWellFormed(text))
        {
            return null;
        }

        var hash = PersonalTokenText.Hash(text);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.PersonalTokens.AsNoTracking().Where(t => t.Hash == hash)
            .Join(db.Users, t => t.AccountId, a => a.Id, (t, a) => new { Token = t, Account = a }).SingleOrDefaultAsync(cancellationToken);
        if (found is null || !CryptographicOperations.FixedTimeEquals(found.Token.Hash, hash) || found.Token.ExpiresAt <= time.GetUtcNow())
        {
            return null;
        }

        var principal = AccountClaims.Principal(found.Account, scheme);
        AccountClaims.SetToken(principal, found.Token.Id);
        return (principal, found.Token.Id);
    }
}
