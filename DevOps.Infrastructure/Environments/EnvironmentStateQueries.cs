using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Environments;

/// <summary>What is current in an environment, and what happens there now.</summary>
public sealed record EnvironmentState
{
    /// <summary>Name of the environment.</summary>
    public required string Name { get; init; }

    /// <summary>Number of servers a release is current on.</summary>
    public int Servers { get; init; }

    /// <summary>Number of the release that became current last, or null when none ever did.</summary>
    public int? Release { get; init; }

    /// <summary>True when the servers are on several releases.</summary>
    public bool Mixed { get; init; }

    /// <summary>Number of the release before, or null.</summary>
    public int? PreviousRelease { get; init; }

    /// <summary>Full hash of the current release's commit.</summary>
    public string? CommitSha { get; init; }

    /// <summary>First line of its message.</summary>
    public string? CommitMessage { get; init; }

    /// <summary>Who asked for the deployment that made it current.</summary>
    public string? DeployedBy { get; init; }

    /// <summary>Number of that deployment.</summary>
    public long? DeploymentId { get; init; }

    /// <summary>When it became current (UTC).</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>False when any server is unhealthy, null when no check was asked for.</summary>
    public bool? Healthy { get; init; }

    /// <summary>Who stopped deployments by hand; null while they are allowed.</summary>
    public string? LockedBy { get; init; }

    /// <summary>What keeps deployments from running now, in words; null when the way is free.</summary>
    public Sentence? Gate { get; init; }

    /// <summary>Name of the environment whose releases it takes, or null.</summary>
    public string? PromoteFrom { get; init; }

    /// <summary>The newest deployment, whatever became of it.</summary>
    public NewestDeployment? Newest { get; init; }
}

/// <summary>The newest deployment of an environment.</summary>
public sealed record NewestDeployment(long Id, DeploymentStatus Status, RollbackState Rollback, DateTimeOffset CreatedAt, bool Paused);

/// <summary>Reads what is current where, for one project.</summary>
public sealed class EnvironmentStateQueries(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    /// <summary>All environments of a project, in their order.</summary>
    /// <exception cref="Core.Refusals.NotFound">The project is not there, or the actor may not see it.</exception>
    public async Task<IReadOnlyList<EnvironmentState>> ListAsync(Actor actor, string projectKey, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var environments = await db.Environments.AsNoTracking().Where(e => e.ProjectId == project.Id).OrderBy(e => e.Position).ThenBy(e => e.Name).ToListAsync(cancellationToken);
        var ids = environments.ConvertAll(e => e.Id);
        var applications = await db.Applications.AsNoTracking().Where(a => ids.Contains(a.EnvironmentId)).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        var newest = await NewestAsync(db, ids, now, cancellationToken);
        var deployments = applications.Select(a => a.DeploymentId).Distinct().ToList();
        var askers = await db.Deployments.Where(d => deployments.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.RequestedBy, cancellationToken);
        var numbers = applications.Select(a => a.Release).Distinct().ToList();
        var commits = await db.Releases.Where(r => r.ProjectId == project.Id && numbers.Contains(r.Number))
            .ToDictionaryAsync(r => r.Number, r => new Commit(r.CommitSha, r.CommitMessage), cancellationToken);
        return [.. environments.Select(e => State(Guarded(e, now), [.. applications.Where(a => a.EnvironmentId == e.Id).OrderByDescending(a => a.ActivatedAt)], newest.GetValueOrDefault(e.Id), askers, commits))];
    }

    private static async Task<Dictionary<long, NewestDeployment>> NewestAsync(DevOpsDbContext db, List<long> environments, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var newest = db.Deployments.Where(d => environments.Contains(d.EnvironmentId)).GroupBy(d => d.EnvironmentId).Select(g => g.Max(d => d.Id));
        return await db.Deployments.AsNoTracking().Where(d => newest.Contains(d.Id))
            .Select(d => new { d.EnvironmentId, Newest = new NewestDeployment(d.Id, d.Status, d.Rollback, d.CreatedAt, d.Status == DeploymentStatus.Running && (d.Pause != RolloutPause.None || d.SoakUntil > now)) })
            .ToDictionaryAsync(d => d.EnvironmentId, d => d.Newest, cancellationToken);
    }

    private static EnvironmentState Guarded(DeploymentEnvironment environment, DateTimeOffset now) => new()
    {
        Name = environment.Name,
        LockedBy = environment.LockedBy,
        Gate = DeployGate.Of(environment, false, now)?.Words,
        PromoteFrom = environment.PromoteFrom,
    };

    private static EnvironmentState State(EnvironmentState guarded, List<Application> applications, NewestDeployment? newest, Dictionary<long, string> askers, Dictionary<int, Commit> commits)
    {
        if (applications.Count == 0)
        {
            return guarded with { Newest = newest };
        }

        var last = applications[0];
        var commit = commits.GetValueOrDefault(last.Release);
        return guarded with
        {
            Servers = applications.Count,
            Release = last.Release,
            Mixed = applications.Exists(a => a.Release != last.Release),
            PreviousRelease = last.PreviousRelease,
            CommitSha = commit?.Sha,
            CommitMessage = commit?.Message,
            DeployedBy = askers.GetValueOrDefault(last.DeploymentId),
            DeploymentId = last.DeploymentId,
            Since = last.ActivatedAt,
            Healthy = applications.Exists(a => a.Healthy == false) ? false : applications.TrueForAll(a => a.Healthy == true) ? true : null,
            Newest = newest,
        };
    }

    private sealed record Commit(string Sha, string Message);
}
