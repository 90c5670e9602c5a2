using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A deployment that waits for someone's word, with what they need to know to give it.</summary>
public sealed record ApprovalItem
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>Key of the project.</summary>
    public required string Project { get; init; }

    /// <summary>Name of the environment.</summary>
    public required string Environment { get; init; }

    /// <summary>What is deployed.</summary>
    public required CommitView Commit { get; init; }

    /// <summary>Number of the release, when it is built already.</summary>
    public int? Release { get; init; }

    /// <summary>Who asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Why, in their words.</summary>
    public required string Note { get; init; }

    /// <summary>The servers it is for.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>How many said yes.</summary>
    public required int Approved { get; init; }

    /// <summary>How many have to.</summary>
    public required int Required { get; init; }

    /// <summary>When it ends without them.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What runs there now.</summary>
    public required EnvironmentChanges Changes { get; init; }
}

/// <summary>What a deployment changes in its environment.</summary>
/// <param name="LastRelease">Release of the last successful deployment, or null when there was none.</param>
/// <param name="LastSha">Its commit.</param>
/// <param name="Commits">Commits that were built since and are part of it, as far as the platform knows them, newest first.</param>
public sealed record EnvironmentChanges(int? LastRelease, string? LastSha, IReadOnlyList<CommitView> Commits);

/// <summary>Reads what waits for someone's word.</summary>
public sealed class ApprovalQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    private const int MostItems = 100;
    private const int MostCommits = 20;

    /// <summary>What waits for this actor, the oldest first.</summary>
    public async Task<IReadOnlyList<ApprovalItem>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var items = new List<ApprovalItem>();
        foreach (var row in await FindAsync(db, actor, cancellationToken))
        {
            var (d, names) = (row.Deployment, row.Deployment.Servers.OrderBy(s => s.Position).Select(s => s.Name));
            items.Add(new ApprovalItem
            {
                Id = d.Id,
                Project = row.Project,
                Environment = row.Environment,
                Commit = new CommitView(d.CommitSha, d.CommitMessage, d.CommitAuthor, d.CommitRef ?? d.RequestedRef),
                Release = d.Release,
                RequestedBy = d.RequestedBy,
                CreatedAt = d.CreatedAt,
                Note = d.Note,
                Servers = [.. names],
                Approved = d.Approvals.Count(a => a.Decision == ApprovalDecision.Approved),
                Required = d.ApprovalsRequired,
                ExpiresAt = d.ApprovalExpiresAt,
                Changes = await ChangesAsync(db, d, cancellationToken),
            });
        }

        return items;
    }

    /// <summary>How many deployments wait for this actor.</summary>
    public async Task<int> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return (await FindAsync(db, actor, cancellationToken)).Count;
    }

    private static async Task<List<Row>> FindAsync(DevOpsDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        var visible = actor.VisibleProjects;
        var rows = await (
            from d in db.Deployments.AsNoTracking().Include(d => d.Approvals).Include(d => d.Servers)
            join p in db.Projects on d.ProjectId equals p.Id
            join e in db.Environments on d.EnvironmentId equals e.Id
            where d.Status == DeploymentStatus.PendingApproval && (visible == null || visible.Contains(d.ProjectId))
            orderby d.Id
            select new Row(d, p.Key, e.Name)).Take(MostItems).AsSplitQuery().ToListAsync(cancellationToken);
        return rows.FindAll(r => ApprovalDesk.MayDecide(actor, r.Deployment.ProjectId, r.Deployment.ApprovalRole, r.Deployment.RequestedBy)
            && !r.Deployment.Approvals.Exists(a => string.Equals(a.By, actor.Name, StringComparison.Ordinal)));
    }

    private static async Task<EnvironmentChanges> ChangesAsync(DevOpsDbContext db, Deployment deployment, CancellationToken cancellationToken)
    {
        var last = await db.Deployments.AsNoTracking()
            .Where(d => d.EnvironmentId == deployment.EnvironmentId && d.Id < deployment.Id && d.Status == DeploymentStatus.Succeeded)
            .OrderByDescending(d => d.FinishedAt).Select(d => new { d.Release, d.CommitSha }).FirstOrDefaultAsync(cancellationToken);
        if (last?.Release is not { } from)
        {
            return new EnvironmentChanges(null, null, []);
        }

        var to = deployment.Release ?? int.MaxValue;
        var commits = await db.Releases.AsNoTracking()
            .Where(r => r.ProjectId == deployment.ProjectId && r.Number > from && r.Number <= to && r.CommitSha != deployment.CommitSha)
            .OrderByDescending(r => r.Number).Take(MostCommits)
            .Select(r => new CommitView(r.CommitSha, r.CommitMessage, r.CommitAuthor, r.CommitRef)).ToListAsync(cancellationToken);
        return new EnvironmentChanges(from, last.CommitSha, [.. commits.DistinctBy(c => c.Sha)]);
    }

    private sealed record Row(Deployment Deployment, string Project, string Environment);
}
