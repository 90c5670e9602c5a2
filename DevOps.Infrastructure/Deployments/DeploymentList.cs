using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Finds the page of a long list: how many there are, and in which stretch the page begins, from the kept counts; which ones from an index alone.</summary>
internal static class DeploymentList
{
    /// <summary>The ids of a page, newest first, and the number of all that match.</summary>
    public static async Task<(long Total, List<long> Ids)> FindAsync(DevOpsDbContext db, Actor actor, DeploymentFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var visible = actor.VisibleProjects;
        var environments = await EnvironmentsAsync(db, visible, filter, cancellationToken);
        var stretches = await StretchesAsync(db, environments, filter.Status, cancellationToken);
        var total = stretches.Sum(s => s.Count);
        if (CountedStretch<long>.Find(stretches, page.Skip) is not { } begin)
        {
            return (total, []);
        }

        var rows = db.Deployments.AsNoTracking();
        if (filter.Environment is not null)
        {
            rows = environments is [var only] ? rows.Where(d => d.EnvironmentId == only) : rows.Where(d => environments!.Contains(d.EnvironmentId));
        }
        else if (environments is not null)
        {
            var projects = await db.Environments.Where(e => environments.Contains(e.Id)).Select(e => e.ProjectId).Distinct().ToListAsync(cancellationToken);
            rows = projects is [var only] ? rows.Where(d => d.ProjectId == only) : rows.Where(d => projects.Contains(d.ProjectId));
        }

        if (filter.Status is { } status)
        {
            rows = rows.Where(d => d.Status == status);
        }

        var ids = rows.Where(d => d.Id < (begin.Key + 1) * DeploymentCount.StretchLength).OrderByDescending(d => d.Id).Skip(begin.Before).Take(page.PageSize).Select(d => d.Id);
        return (total, await ids.ToListAsync(cancellationToken));
    }

    // Null for all there are.
    private static async Task<List<long>?> EnvironmentsAsync(DevOpsDbContext db, IReadOnlyCollection<long>? visible, DeploymentFilter filter, CancellationToken cancellationToken)
    {
        if (visible is null && filter.Project is null && filter.Environment is null)
        {
            return null;
        }

        return await (
            from e in db.Environments
            join p in db.Projects on e.ProjectId equals p.Id
            where (visible == null || visible.Contains(p.Id)) && (filter.Project == null || p.Key == filter.Project) && (filter.Environment == null || e.Name == filter.Environment)
            select e.Id).ToListAsync(cancellationToken);
    }

    private static async Task<List<CountedStretch<long>>> StretchesAsync(DevOpsDbContext db, List<long>? environments, DeploymentStatus? status, CancellationToken cancellationToken)
    {
        var counts = db.DeploymentCounts.AsNoTracking();
        if (environments is not null)
        {
            counts = counts.Where(c => environments.Contains(c.EnvironmentId));
        }

        if (status is { } one)
        {
            counts = counts.Where(c => c.Status == one);
        }

        return await counts.GroupBy(c => c.Stretch).OrderByDescending(g => g.Key).Select(g => new CountedStretch<long>(g.Key, g.Sum(c => c.Delta))).ToListAsync(cancellationToken);
    }
}
