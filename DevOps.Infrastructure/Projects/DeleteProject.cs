using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Projects;

/// <summary>Deletes a project with all that belongs to it. What runs on servers stays there.</summary>
public sealed class DeleteProject(
    IDbContextFactory<DevOpsDbContext> contexts,
    IArtifactStore artifacts,
    AuditTrail audit,
    ChangeFeed feed,
    ILogger<DeleteProject> logger)
{
    /// <summary>Deletes the rows in one transaction, then the stored releases.</summary>
    /// <exception cref="Conflict">A deployment of it runs (<c>running</c>).</exception>
    public async Task RunAsync(Actor actor, string key, int? expectedRevision, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, key, Permission.ProjectEdit, cancellationToken);
        Saving.DemandRevision(project.Revision, expectedRevision, $"Project {key}");
        await OpenDeployments.DemandNoneRunsAsync(db, project.Id, 0, $"project {key}", cancellationToken);

        var releases = await db.Releases.Where(r => r.ProjectId == project.Id).Select(r => r.Number).ToListAsync(cancellationToken);
        var environments = await db.Environments.Where(e => e.ProjectId == project.Id).Select(e => e.Id).ToListAsync(cancellationToken);
        await db.Secrets.Where(s => (s.Scope == SecretScope.Build && s.OwnerId == project.Id) || (s.Scope == SecretScope.Environment && environments.Contains(s.OwnerId)))
            .ExecuteDeleteAsync(cancellationToken);
        db.Projects.Remove(project);
        audit.Add(db, actor, "project.delete", $"project/{key}", $"Deleted project {key} with {environments.Count} environments and {releases.Count} releases.");
        await db.SaveAsync($"Project {key}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
        await DeleteBytesAsync(project.Id, releases);
    }

    // The rows are gone: what follows is not undone by a caller who leaves, and a file that resists fails nothing.
    private async Task DeleteBytesAsync(long projectId, IEnumerable<int> releases)
    {
        foreach (var number in releases)
        {
            try
            {
                await artifacts.DeleteAsync(projectId, number, CancellationToken.None);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning(e, "The stored bytes of release {Number} of the deleted project {Project} could not be removed.", number, projectId);
            }
        }
    }
}
