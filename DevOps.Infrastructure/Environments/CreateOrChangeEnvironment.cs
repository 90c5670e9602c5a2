using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Queue;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>An environment after a change.</summary>
/// <param name="Environment">The row.</param>
/// <param name="Created">Whether it was not there before.</param>
public sealed record EnvironmentChange(DeploymentEnvironment Environment, bool Created);

/// <summary>Adds an environment to a project, or replaces one.</summary>
public sealed class CreateOrChangeEnvironment(IDbContextFactory<DevOpsDbContext> contexts, SecretWriter secrets, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Makes the environment of this name what the draft says; secrets left out stay.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="projectKey">The project.</param>
    /// <param name="draft">What it shall be; its name says which one.</param>
    /// <param name="expectedRevision">Revision the caller has read, or null to take whatever is there.</param>
    /// <param name="cancellationToken">Ends the change.</param>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    /// <exception cref="Conflict">Another environment already has the folder on the same server (<c>deployPath</c>).</exception>
    public async Task<EnvironmentChange> RunAsync(Actor actor, string projectKey, EnvironmentDraft draft, int? expectedRevision, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, projectKey, Permission.ProjectEdit, cancellationToken);
        var faults = new Faults();
        draft.Check(faults);
        faults.ThrowIfAny();
        var environment = await db.Environments.SingleOrDefaultAsync(e => e.ProjectId == project.Id && e.Name == draft.Name, cancellationToken);
        Saving.DemandRevision(environment?.Revision ?? 0, expectedRevision, $"Environment {draft.Name}");
        await DemandServersAsync(db, actor, draft, environment, cancellationToken);
        await DemandSourceAsync(db, project.Id, draft, cancellationToken);

        var created = environment is null;
        environment ??= db.Environments.Add(new DeploymentEnvironment { ProjectId = project.Id, Name = draft.Name, Revision = 0 }).Entity;
        Apply(environment, draft);
        await db.SaveAsync($"Environment {draft.Name}", cancellationToken);
        var owner = new SecretOwner(SecretScope.Environment, environment.Id, [.. draft.Variables.Keys], "");
        var told = await secrets.ApplyAsync(db, owner, draft.Secrets, cancellationToken);
        audit.Add(
            db,
            actor,
            created ? "environment.create" : "environment.change",
            $"environment/{project.Key}/{draft.Name}",
            $"{(created ? "Created" : "Changed")} environment {draft.Name} of {project.Key}: servers {Listed(draft.Servers)}, tags {Listed(draft.ServerTags)}.{told}");
        await db.SaveAsync($"Environment {draft.Name}", cancellationToken);
        await DeployFolders.DemandUniqueAsync(db, claim => claim.Environment.Id == environment.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        // What waits for the end of a freeze that is no more is looked at with the workers' next poll.
        await JobQueue.NudgeAsync(db, DeploymentJob.LockKey(environment.Id), cancellationToken);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
        return new EnvironmentChange(environment, created);
    }

    private static void Apply(DeploymentEnvironment environment, EnvironmentDraft draft)
    {
        environment.Position = draft.Position;
        environment.Servers = [.. draft.Servers];
        environment.ServerTags = [.. draft.ServerTags];
        environment.Variables = new(draft.Variables);
        environment.Files = new(draft.Files);
        environment.AutoDeploy = draft.AutoDeploy;
        environment.Supersede = draft.Supersede;
        environment.Approvals = draft.Approvals;
        environment.PromoteFrom = draft.PromoteFrom is { Length: > 0 } from ? from : null;
        environment.Freezes = [.. draft.Freezes];
        environment.FreezeWeekly = [.. draft.FreezeWeekly];
        environment.Revision++;
    }

    // Commands run on a server with the rights of its user: who may not even see the servers cannot take new ones.
    private static async Task DemandServersAsync(DevOpsDbContext db, Actor actor, EnvironmentDraft draft, DeploymentEnvironment? present, CancellationToken cancellationToken)
    {
        var takesNew = draft.Servers.Except(present?.Servers ?? [], StringComparer.Ordinal).Any() || draft.ServerTags.Except(present?.ServerTags ?? [], StringComparer.Ordinal).Any();
        if (takesNew)
        {
            actor.Demand(Permission.ServerRead);
        }

        var known = await db.Servers.Where(s => draft.Servers.Contains(s.Name)).Select(s => s.Name).ToListAsync(cancellationToken);
        var faults = new Faults();
        for (var i = 0; i < draft.Servers.Count; i++)
        {
            faults.When(!known.Contains(draft.Servers[i], StringComparer.Ordinal), $"servers[{i}]", $"There is no server {draft.Servers[i]}.");
        }

        faults.ThrowIfAny();
    }

    private static async Task DemandSourceAsync(DevOpsDbContext db, long projectId, EnvironmentDraft draft, CancellationToken cancellationToken)
    {
        if (draft.PromoteFrom is { Length: > 0 } from && !await db.Environments.AnyAsync(e => e.ProjectId == projectId && e.Name == from, cancellationToken))
        {
            throw new InvalidInput("promoteFrom", $"The project has no environment {from}.");
        }
    }

    private static string Listed(IReadOnlyCollection<string> words) => words.Count > 0 ? string.Join(", ", words) : "none";
}
