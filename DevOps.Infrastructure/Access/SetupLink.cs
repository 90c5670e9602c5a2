using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>The one-time token that lets the first administrator in. Only its hash is stored; it is worth nothing once an account exists.</summary>
public sealed class SetupLink(IDbContextFactory<DevOpsDbContext> contexts)
{
    internal const string Setting = "access.setup";

    /// <summary>Makes a new token (the one before is void), or null when an account exists.</summary>
    public async Task<string?> RenewAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        var token = OneTimeToken.New();
        var hash = OneTimeToken.Hash(token);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO settings (key, value) VALUES ({Setting}, {hash}) ON CONFLICT (key) DO UPDATE SET value = excluded.value", cancellationToken);
        return token;
    }

    /// <summary>Says that no account exists yet.</summary>
    public async Task<bool> IsNeededAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return !await db.Users.AnyAsync(cancellationToken);
    }

    /// <summary>Says whether the token is the one that was printed and nobody has used it.</summary>
    public async Task<bool> IsGoodAsync(string? token, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await IsGoodAsync(db, token, cancellationToken);
    }

    internal static async Task<bool> IsGoodAsync(DevOpsDbContext db, string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token) || await db.Users.AnyAsync(cancellationToken))
        {
            return false;
        }

        var stored = await db.Settings.AsNoTracking().SingleOrDefaultAsync(s => s.Key == Setting, cancellationToken);
        return stored is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stored.Value), Encoding.ASCII.GetBytes(OneTimeToken.Hash(token)));
    }
}
