using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Which release a new deployment has from the start, and whether the environment takes it.</summary>
internal static class PromotionRule
{
    /// <summary>The release that was asked for; in an environment that takes only promoted ones also that of the commit that was asked for.</summary>
    /// <returns>Null when the release is made, or found, by the deployment itself.</returns>
    /// <exception cref="NotFound">No such release.</exception>
    /// <exception cref="Conflict"><c>notPromoted</c>: it has not succeeded where it should have been before.</exception>
    public static async Task<Release?> ChooseAsync(DevOpsDbContext db, DeploymentOrder order, CancellationToken cancellationToken)
    {
        var (project, environment, request) = (order.Project, order.Environment, order.Request);
        var release = request.Release is { } number
            ? await db.Releases.AsNoTracking().SingleOrDefaultAsync(r => r.ProjectId == project.Id && r.Number == number, cancellationToken)
                ?? throw new NotFound($"Release {number} of project {project.Key}")
            : null;
        if (environment.PromoteFrom is not { } from)
        {
            return release;
        }

        // The way back to what ran here before needs no new promotion.
        if (release is not null && order.Trigger == Trigger.Rollback)
        {
            return release;
        }

        var proven = db.Deployments.Where(d => d.ProjectId == project.Id && d.Status == DeploymentStatus.Succeeded
            && db.Environments.Any(e => e.Id == d.EnvironmentId && e.Name == from)).Select(d => d.Release);
        if (release is null && request.Commit is { Length: > 0 } asked)
        {
            var commit = asked.ToLowerInvariant();
            release = await db.Releases.AsNoTracking().Where(r => r.ProjectId == project.Id && r.CommitSha.StartsWith(commit) && proven.Contains(r.Number))
                .OrderByDescending(r => r.Number).FirstOrDefaultAsync(cancellationToken);
        }

        if (release is null)
        {
            throw new Conflict("notPromoted", $"{environment.Name} takes only releases that succeeded in {from}. Name one, or promote the one that runs there.");
        }

        return await proven.ContainsAsync(release.Number, cancellationToken)
            ? release
            : throw new Conflict("notPromoted", $"{environment.Name} takes only releases that succeeded in {from}. Release {release.Number} did not: deploy it there first.");
    }
}
