using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>Stops the deployments of an environment by hand, and allows them again. What runs already goes on; what waits, waits.</summary>
public sealed class LockEnvironment(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed, JobQueue queue, TimeProvider time)
{
    /// <summary>Longest reason.</summary>
    public const int MaxReason = 500;

    /// <summary>Stops deployments.</summary>
    /// <exception cref="NotFound">No such project or environment, or not to be seen.</exception>
    /// <exception cref="InvalidInput">The reason is missing or too long.</exception>
    /// <exception cref="Conflict"><c>locked</c>: somebody did so already.</exception>
    public Task<DeploymentEnvironment> LockAsync(Actor actor, string projectKey, string name, string? reason, CancellationToken cancellationToken)
    {
        var why = (reason ?? "").Trim();
        return ChangeAsync(
            actor,
            projectKey,
            name,
            environment =>
            {
                Check(why);
                if (environment.LockedBy is { } by)
                {
                    throw new Conflict("locked", $"{name} is locked by {by} already: {environment.LockReason ?? ""}");
                }

                (environment.LockedBy, environment.LockedAt, environment.LockReason) = (actor.Name, time.GetUtcNow(), why);
                return ("environment.lock", why);
            },
            cancellationToken);
    }

    /// <summary>Allows deployments again; what waited goes on.</summary>
    /// <exception cref="NotFound">No such project or environment, or not to be seen.</exception>
    /// <exception cref="Conflict"><c>notLocked</c>.</exception>
    public Task<DeploymentEnvironment> UnlockAsync(Actor actor, string projectKey, string name, CancellationToken cancellationToken) => ChangeAsync(
        actor,
        projectKey,
        name,
        environment =>
        {
            var was = environment.LockedBy ?? throw new Conflict("notLocked", $"{name} is not locked.");
            (environment.LockedBy, environment.LockedAt, environment.LockReason) = (null, null, null);
            return ("environment.unlock", $"was locked by {was}");
        },
        cancellationToken);

    private static void Check(string reason)
    {
        var faults = new Faults();
        faults.When(reason.Length == 0, "reason", "Say why, for those who are stopped.");
        faults.When(reason.Length > MaxReason || reason.Any(char.IsControl), "reason", $"Use {MaxReason} characters at most, on one line.");
        faults.ThrowIfAny();
    }

    private async Task<DeploymentEnvironment> ChangeAsync(Actor actor, string projectKey, string name, Func<DeploymentEnvironment, (string Action, string Summary)> change, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var project = await db.LockProjectAsync(actor, projectKey, Permission.DeploymentControl, cancellationToken);
        var environment = await db.Environments.SingleOrDefaultAsync(e => e.ProjectId == project.Id && e.Name == name, cancellationToken)
            ?? throw new NotFound("The environment");
        var (action, summary) = change(environment);
        audit.Add(db, actor, action, $"environment/{project.Key}/{name}", summary);
        await db.SaveAsync($"Environment {name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await JobQueue.NudgeAsync(db, DeploymentJob.LockKey(environment.Id), cancellationToken);
        queue.Wake(DeploymentJob.Kind);
        feed.Publish(new Change(ChangeKind.Project, project.Id, project.Id));
        return environment;
    }
}
