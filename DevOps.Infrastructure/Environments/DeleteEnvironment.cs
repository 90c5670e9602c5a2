using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>Deletes an environment with its deployments and secrets. What runs on its servers stays there.</summary>
public sealed class DeleteEnvironment(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Deletes it.</summary>
    /// <exception cref="NotFound">There is no such environment.</exception>
    /// <exception cref="Conflict">A deployment of it runs (<c>running</c>), or another environment takes its releases (<c>inUse</c>).</exception>
    public async Task RunAsync(Actor actor, string projectKey, string name, int? expectedRevision, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, projectKey, Permission.ProjectEdit, cancellationToken);
        var environment = await db.Environments.SingleOrDefaultAsync(e => e.ProjectId == project.Id && e.Name == name, cancellationToken)
            ?? throw new NotFound("The environment");
        Saving.DemandRevision(environment.Revision, expectedRevision, $"Environment {name}");
        await OpenDeployments.DemandNoneRunsAsync(db, 0, environment.Id, $"environment {name}", cancellationToken);
        if (await db.Environments.Where(e => e.ProjectId == project.Id && e.PromoteFrom == name).Select(e => e.Name).FirstOrDefaultAsync(cancellationToken) is { } next)
        {
            throw new Conflict("inUse", $"{next} takes only releases that succeeded in {name}. Change that first.");
        }

        await db.Secrets.Where(s => s.Scope == SecretScope.Environment && s.OwnerId == environment.Id).ExecuteDeleteAsync(cancellationToken);
        db.Environments.Remove(environment);
        audit.Add(db, actor, "environment.delete", $"environment/{project.Key}/{name}", $"Deleted environment {name} of {project.Key}.");
        await db.SaveAsync($"Environment {name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
    }
}
