using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>Adds a project.</summary>
public sealed class CreateProject(
    IDbContextFactory<DevOpsDbContext> contexts,
    SecretWriter secrets,
    AuditTrail audit,
    ChangeFeed feed,
    PlatformOptions options,
    TimeProvider time)
{
    /// <summary>Adds a project with its build secrets.</summary>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Conflict">The key is taken (<c>exists</c>).</exception>
    public async Task<Project> RunAsync(Actor actor, ProjectDraft draft, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.ProjectEdit);
        draft = draft.Tidy();
        var faults = new Faults();
        draft.Check(faults, options.AllowFileRepositories);
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ProjectCredential.DemandAsync(db, actor, draft.Repository, present: null, cancellationToken);
        var project = new Project
        {
            Key = draft.Key,
            Name = draft.Name,
            Description = draft.Description,
            Repository = draft.Repository,
            Build = draft.Build,
            Deploy = draft.Deploy,
            Triggers = draft.Triggers,
            CreatedAt = time.GetUtcNow(),
        };
        db.Projects.Add(project);
        await db.SaveAsync($"Project {draft.Key}", cancellationToken);
        var owner = new SecretOwner(SecretScope.Build, project.Id, [.. draft.Build.Variables.Keys], "build.");
        var told = await secrets.ApplyAsync(db, owner, draft.BuildSecrets, cancellationToken);
        audit.Add(db, actor, "project.create", $"project/{project.Key}", $"Created project {project.Key}.{told}");
        await db.SaveAsync($"Project {draft.Key}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
        return project;
    }
}
