using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Secrets;

/// <summary>Opens secrets for a run. For verbs of the pipeline only: nothing else may see values.</summary>
public sealed class SecretReader(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault)
{
    /// <summary>Opens all secrets of a project's build or of an environment.</summary>
    /// <exception cref="SecretUnreadable">A value cannot be decrypted.</exception>
    public async Task<IReadOnlyDictionary<string, Sensitive>> ReadAsync(SecretScope scope, long ownerId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var secrets = await db.Secrets.AsNoTracking().Where(s => s.Scope == scope && s.OwnerId == ownerId).ToListAsync(cancellationToken);
        return secrets.ToDictionary(s => s.Name, s => vault.Open(SecretVault.SecretPurpose(scope, ownerId, s.Name), s.Ciphertext), StringComparer.Ordinal);
    }
}
