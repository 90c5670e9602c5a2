using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>Replaces a project's settings.</summary>
public sealed class ChangeProject(
    IDbContextFactory<DevOpsDbContext> contexts,
    SecretWriter secrets,
    AuditTrail audit,
    ChangeFeed feed,
    PlatformOptions options)
{
    /// <summary>Replaces everything but the key; secrets left out stay.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="draft">What the project shall be; its key says which one.</param>
    /// <param name="expectedRevision">Revision the caller has read, or null to replace whatever is there.</param>
    /// <param name="cancellationToken">Ends the change.</param>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    /// <exception cref="Conflict">Another environment already has the folder on the same server (<c>deployPath</c>).</exception>
    public async Task<Project> RunAsync(Actor actor, ProjectDraft draft, int? expectedRevision, CancellationToken cancellationToken)
    {
        draft = draft.Tidy();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, draft.Key, Permission.ProjectEdit, cancellationToken);
        var faults = new Faults();
        draft.Check(faults, options.AllowFileRepositories);
        faults.ThrowIfAny();
        Saving.DemandRevision(project.Revision, expectedRevision, $"Project {project.Key}");
        await ProjectCredential.DemandAsync(db, actor, draft.Repository, project.Repository, cancellationToken);

        var changed = Apply(project, draft);
        project.Revision++;
        var owner = new SecretOwner(SecretScope.Build, project.Id, [.. draft.Build.Variables.Keys], "build.");
        var told = await secrets.ApplyAsync(db, owner, draft.BuildSecrets, cancellationToken);
        audit.Add(db, actor, "project.change", $"project/{project.Key}", $"Changed {(changed.Count > 0 ? string.Join(", ", changed) : "nothing")}.{told}");
        await db.SaveAsync($"Project {project.Key}", cancellationToken);
        await DeployFolders.DemandUniqueAsync(db, claim => claim.Project.Id == project.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
        return project;
    }

    private static List<string> Apply(Project project, ProjectDraft draft)
    {
        var changed = new List<string>();
        Note("name", project.Name, draft.Name);
        Note("description", project.Description, draft.Description);
        Note("repository", project.Repository, draft.Repository);
        Note("build", project.Build, draft.Build);
        Note("deploy", project.Deploy, draft.Deploy);
        Note("triggers", project.Triggers, draft.Triggers);
        project.Name = draft.Name;
        project.Description = draft.Description;
        project.Repository = draft.Repository;
        project.Build = draft.Build;
        project.Deploy = draft.Deploy;
        project.Triggers = draft.Triggers;
        return changed;

        void Note<T>(string part, T before, T after)
        {
            if (!string.Equals(JsonSerializer.Serialize(before), JsonSerializer.Serialize(after), StringComparison.Ordinal))
            {
                changed.Add(part);
            }
        }
    }
}
