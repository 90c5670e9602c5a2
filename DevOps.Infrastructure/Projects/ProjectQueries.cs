using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>The newest deployment of an environment.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Release">Number of its release, once known.</param>
/// <param name="CommitSha">Full hash of the commit, once known.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="CreatedAt">When it was asked for (UTC).</param>
/// <param name="FinishedAt">When it ended (UTC).</param>
public sealed record LastDeployment(long Id, DeploymentStatus Status, int? Release, string? CommitSha, string RequestedBy, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>An environment in a list of projects.</summary>
public sealed record ProjectEnvironment(long Id, string Name, int Position, LastDeployment? LastDeployment);

/// <summary>A project in a list.</summary>
/// <param name="Project">The row.</param>
/// <param name="BuildSecretNames">Names of its build secrets.</param>
/// <param name="Environments">Its environments in their order.</param>
/// <param name="HasWebhookSecret">Whether senders of webhooks can be told from others.</param>
public sealed record ProjectView(Project Project, IReadOnlyList<string> BuildSecretNames, IReadOnlyList<ProjectEnvironment> Environments, bool HasWebhookSecret);

/// <summary>Reads projects. Who may not see one learns nothing of it.</summary>
public sealed class ProjectQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>One page of what the actor may see, newest first.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="page">Which page.</param>
    /// <param name="search">Part of key or name, or null.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<Listing<ProjectView>> ListAsync(Actor actor, PageRequest page, string? search, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var projects = db.Projects.AsNoTracking();
        if (actor.VisibleProjects is { } visible)
        {
            projects = projects.Where(p => visible.Contains(p.Id));
        }

        if (!string.IsNullOrWhiteSpace(search))
        {
            var part = $"%{search.Trim().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
            projects = projects.Where(p => EF.Functions.ILike(p.Key, part, @"\") || EF.Functions.ILike(p.Name, part, @"\"));
        }

        var total = await projects.LongCountAsync(cancellationToken);
        var rows = await projects.OrderByDescending(p => p.Id).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new(await ViewAsync(db, rows, cancellationToken), page.Page, page.PageSize, total);
    }

    /// <summary>One project.</summary>
    /// <exception cref="NotFound">It is not there, or the actor may not see it.</exception>
    public async Task<ProjectView> GetAsync(Actor actor, string key, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, key, Permission.ProjectRead, cancellationToken);
        return (await ViewAsync(db, [project], cancellationToken))[0];
    }

    private static async Task<IReadOnlyList<ProjectView>> ViewAsync(DevOpsDbContext db, List<Project> projects, CancellationToken cancellationToken)
    {
        var ids = projects.ConvertAll(p => p.Id);
        var secrets = await db.Secrets.Where(s => s.Scope == SecretScope.Build && ids.Contains(s.OwnerId))
            .OrderBy(s => s.Name).Select(s => new { s.OwnerId, s.Name }).ToListAsync(cancellationToken);
        var environments = await db.Environments.Where(e => ids.Contains(e.ProjectId)).OrderBy(e => e.Position).ThenBy(e => e.Name)
            .Select(e => new { e.ProjectId, e.Id, e.Name, e.Position }).ToListAsync(cancellationToken);
        var newest = db.Deployments.Where(d => ids.Contains(d.ProjectId)).GroupBy(d => d.EnvironmentId).Select(g => g.Max(d => d.Id));
        var deployments = await db.Deployments.AsNoTracking().Where(d => newest.Contains(d.Id))
            .Select(d => new { d.EnvironmentId, Last = new LastDeployment(d.Id, d.Status, d.Release, d.CommitSha, d.RequestedBy, d.CreatedAt, d.FinishedAt) })
            .ToDictionaryAsync(d => d.EnvironmentId, d => d.Last, cancellationToken);
        var withSecret = await db.WebhookSecrets.Where(s => ids.Contains(s.ProjectId)).Select(s => s.ProjectId).ToHashSetAsync(cancellationToken);
        return [.. projects.Select(p => new ProjectView(
            p,
            [.. secrets.Where(s => s.OwnerId == p.Id).Select(s => s.Name)],
            [.. environments.Where(e => e.ProjectId == p.Id).Select(e => new ProjectEnvironment(e.Id, e.Name, e.Position, deployments.GetValueOrDefault(e.Id)))],
            withSecret.Contains(p.Id)))];
    }
}
