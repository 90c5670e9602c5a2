using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>Guards the credentials of the platform against being sent where a project's maintainer pleases.</summary>
internal static class ProjectCredential
{
    /// <summary>Refuses a credential that is not there, and one that the actor may not hand to this host.</summary>
    /// <param name="db">The context.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="wanted">The repository as it shall be.</param>
    /// <param name="present">The repository as it is, or null for a new one.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task DemandAsync(DevOpsDbContext db, Actor actor, RepositorySpec wanted, RepositorySpec? present, CancellationToken cancellationToken)
    {
        if (wanted.Credential is not { } name)
        {
            return;
        }

        var isUnchanged = present is not null && string.Equals(present.Credential, name, StringComparison.Ordinal) && string.Equals(Origin(present), Origin(wanted), StringComparison.Ordinal);
        if (!isUnchanged)
        {
            actor.Demand(Permission.CredentialRead);
        }

        if (!await db.Credentials.AnyAsync(c => c.Name == name, cancellationToken))
        {
            throw new InvalidInput("repository.credential", $"There is no credential {name}.");
        }
    }

    private static string? Origin(RepositorySpec repository) => RepositoryUrl.TryParse(repository.Url, allowFiles: true, out _)?.Origin;
}
