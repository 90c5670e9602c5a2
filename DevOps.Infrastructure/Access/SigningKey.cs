using System.Security.Cryptography;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>The key that signs access tokens: made once, kept sealed in the settings, the same for every process.</summary>
public sealed class SigningKey(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault)
{
    private const string Setting = "access.signingKey";
    private const int Length = 64;
    private volatile byte[]? _key;

    /// <summary>The key, if it was read before.</summary>
    public byte[]? Current => _key;

    /// <summary>The key, read or made at the first call.</summary>
    public async Task<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        if (_key is { } known)
        {
            return known;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var made = Convert.ToBase64String(vault.Seal(Setting, new Sensitive(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length)))));
        // Several processes may start at once: the first row wins, all read the same.
        await db.Database.ExecuteSqlAsync($"INSERT INTO settings (key, value) VALUES ({Setting}, {made}) ON CONFLICT (key) DO NOTHING", cancellationToken);
        var stored = await db.Settings.AsNoTracking().SingleAsync(s => s.Key == Setting, cancellationToken);
        var key = Convert.FromBase64String(vault.Open(Setting, Convert.FromBase64String(stored.Value)).Reveal());
        _key = key;
        return key;
    }
}
