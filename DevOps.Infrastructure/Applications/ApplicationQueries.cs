using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Applications;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Applications;

/// <summary>What a list of applications is narrowed to.</summary>
public sealed record ApplicationFilter(string? Project = null, string? Environment = null, string? Server = null);

/// <summary>What runs on a server.</summary>
public sealed record ApplicationView
{
    public required ApplicationName Name { get; init; }

    public required Application Row { get; init; }

    /// <summary>Name of the project for people.</summary>
    public required string ProjectName { get; init; }

    public required long ProjectId { get; init; }

    /// <summary>Full hash of the release's commit.</summary>
    public string? CommitSha { get; init; }

    public string? CommitMessage { get; init; }

    public string? CommitAuthor { get; init; }

    public string? CommitRef { get; init; }

    /// <summary>Releases that ran there before, newest first.</summary>
    public IReadOnlyList<int> PreviousReleases { get; init; } = [];

    /// <summary>Actions the project has commands for.</summary>
    public IReadOnlyList<ControlAction> Actions { get; init; } = [];

    /// <summary>Whether the project has a command for the runtime log.</summary>
    public bool HasLog { get; init; }

    /// <summary>Number of the deployment that runs in the environment at this moment.</summary>
    public long? RunningDeployment { get; init; }
}

/// <summary>Reads what runs where.</summary>
public sealed class ApplicationQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    private const int MostPrevious = 10;

    /// <summary>One page of what the actor may see, by project, environment and server.</summary>
    public async Task<Listing<ApplicationView>> ListAsync(Actor actor, ApplicationFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var visible = actor.VisibleProjects;
        var rows =
            from a in db.Applications.AsNoTracking()
            join e in db.Environments on a.EnvironmentId equals e.Id
            join p in db.Projects.AsNoTracking() on e.ProjectId equals p.Id
            join s in db.Servers on a.ServerId equals s.Id
            where (visible == null || visible.Contains(p.Id))
                && (filter.Project == null || p.Key == filter.Project)
                && (filter.Environment == null || e.Name == filter.Environment)
                && (filter.Server == null || s.Name == filter.Server)
            select new { Row = a, Project = p, Environment = e.Name, e.Position, Server = s.Name };
        var total = await rows.LongCountAsync(cancellationToken);
        var found = await (
            from r in rows
            join release in db.Releases on new { ProjectId = r.Project.Id, Number = r.Row.Release } equals new { release.ProjectId, release.Number } into releases
            from release in releases.DefaultIfEmpty()
            orderby r.Project.Key, r.Position, r.Environment, r.Server
            select new
            {
                r.Row,
                r.Project,
                r.Environment,
                r.Server,
                Sha = release == null ? null : release.CommitSha,
                Message = release == null ? null : release.CommitMessage,
                Author = release == null ? null : release.CommitAuthor,
                Ref = release == null ? null : release.CommitRef,
                DeployPart = release == null ? null : release.DeployPart,
            }).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        var previous = await PreviousAsync(db, found.ConvertAll(f => f.Row), cancellationToken);
        var environments = found.Select(f => f.Row.EnvironmentId).Distinct().ToList();
        var running = await db.Deployments.Where(d => environments.Contains(d.EnvironmentId) && d.Status == Core.Deployments.DeploymentStatus.Running)
            .ToDictionaryAsync(d => d.EnvironmentId, d => d.Id, cancellationToken);
        return new(
            [.. found.Select(f => new ApplicationView
            {
                Name = new ApplicationName(f.Project.Key, f.Environment, f.Server),
                Row = f.Row,
                ProjectName = f.Project.Name,
                ProjectId = f.Project.Id,
                CommitSha = f.Sha,
                CommitMessage = f.Message,
                CommitAuthor = f.Author,
                CommitRef = f.Ref,
                PreviousReleases = [.. previous[f.Row.Id].Where(n => n != f.Row.Release).Distinct().Take(MostPrevious)],
                Actions = ActionsOf(f.Project.DeployOf(f.DeployPart)),
                HasLog = !string.IsNullOrWhiteSpace(f.Project.DeployOf(f.DeployPart).Control.Log),
                RunningDeployment = running.TryGetValue(f.Row.EnvironmentId, out var id) ? id : null,
            })],
            page.Page,
            page.PageSize,
            total);
    }

    /// <summary>One application, or null when nothing runs there or the actor may not see it.</summary>
    public async Task<ApplicationView?> FindAsync(Actor actor, ApplicationName name, CancellationToken cancellationToken) =>
        (await ListAsync(actor, new ApplicationFilter(name.Project, name.Environment, name.Server), PageRequest.Of(1, 1), cancellationToken)).Items is [var found] ? found : null;

    // Asking which release is current always works.
    private static IReadOnlyList<ControlAction> ActionsOf(DeploySpec deploy) =>
        [.. Enum.GetValues<ControlAction>().Where(a => a == ControlAction.Status || ControlCommands.Of(deploy, a).Count > 0)];

    // What the environment deployed of late, by index: one that was deployed to ten thousand times is read no further than others.
    private static async Task<ILookup<long, int>> PreviousAsync(DevOpsDbContext db, List<Application> applications, CancellationToken cancellationToken)
    {
        var ids = applications.ConvertAll(a => a.Id);
        var rows = await db.Database.SqlQuery<PreviousRow>(
            $"""
            SELECT a.id AS "Id", s.release AS "Release"
            FROM applications a
            CROSS JOIN LATERAL (SELECT d.id FROM deployments d WHERE d.environment_id = a.environment_id ORDER BY d.id DESC LIMIT 60) late
            JOIN deployment_servers s ON s.deployment_id = late.id AND s.server_id = a.server_id
            WHERE a.id = ANY ({ids}) AND s.status = 'succeeded' AND s.release IS NOT NULL
            ORDER BY a.id, s.id DESC
            """).ToListAsync(cancellationToken);
        return rows.ToLookup(r => r.Id, r => r.Release);
    }

    private sealed record PreviousRow(long Id, int Release);
}
