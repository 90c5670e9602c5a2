using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>Opens the credential of a repository.</summary>
public sealed class RepositoryAccessReader(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault)
{
    /// <summary>Reads what is needed to open a repository.</summary>
    /// <exception cref="StepFailure">Its credential is gone or cannot be decrypted.</exception>
    public async Task<RepositoryAccess> ReadAsync(RepositorySpec repository, CancellationToken cancellationToken)
    {
        var access = new RepositoryAccess { Url = repository.Url, Submodules = repository.Submodules };
        if (repository.Credential is not { } name)
        {
            return access;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var credential = await db.Credentials.AsNoTracking().SingleOrDefaultAsync(c => c.Name == name, cancellationToken)
            ?? throw new StepFailure($"The credential {name} of the repository is not there any more. Choose another one in the project's settings.");
        return access with { Kind = credential.Kind, Secret = vault.Open(SecretVault.CredentialPurpose(name), credential.Ciphertext) };
    }
}
