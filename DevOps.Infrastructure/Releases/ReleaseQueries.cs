using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Releases;

/// <summary>Where a release is current.</summary>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Server">Name of the server.</param>
/// <param name="ActivatedAt">Since when (UTC).</param>
public sealed record ReleasePlace(string Environment, string Server, DateTimeOffset ActivatedAt);

/// <summary>A release as it is shown.</summary>
/// <param name="Release">The row.</param>
/// <param name="DeployedTo">Where it is current.</param>
public sealed record ReleaseView(Release Release, IReadOnlyList<ReleasePlace> DeployedTo);

/// <summary>Reads releases.</summary>
public sealed class ReleaseQueries(IDbContextFactory<DevOpsDbContext> contexts, IArtifactStore artifacts)
{
    /// <summary>One page of a project's releases, newest first.</summary>
    /// <exception cref="NotFound">The project is not there, or the actor may not see it.</exception>
    public async Task<Listing<ReleaseView>> ListAsync(Actor actor, string projectKey, PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var releases = db.Releases.AsNoTracking().Where(r => r.ProjectId == project.Id);
        var total = await releases.LongCountAsync(cancellationToken);
        var rows = await releases.OrderByDescending(r => r.Number).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new(await ViewAsync(db, project.Id, rows, cancellationToken), page.Page, page.PageSize, total);
    }

    /// <summary>One release.</summary>
    /// <exception cref="NotFound">It is not there, or the actor may not see its project.</exception>
    public async Task<ReleaseView> GetAsync(Actor actor, string projectKey, int number, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var release = await db.Releases.AsNoTracking().SingleOrDefaultAsync(r => r.ProjectId == project.Id && r.Number == number, cancellationToken) ?? throw new NotFound("The release");
        return (await ViewAsync(db, project.Id, [release], cancellationToken))[0];
    }

    /// <summary>Opens the stored tar file of a release. The caller disposes the stream.</summary>
    /// <exception cref="NotFound">The release is not there, or the actor may not see its project.</exception>
    /// <exception cref="Conflict">Its bytes are not on this machine (<c>artifactAway</c>).</exception>
    public async Task<Stream> OpenArtifactAsync(Actor actor, string projectKey, int number, CancellationToken cancellationToken)
    {
        var view = await GetAsync(actor, projectKey, number, cancellationToken);
        try
        {
            return artifacts.OpenTar(view.Release.ProjectId, number);
        }
        catch (StepFailure e)
        {
            throw new Conflict("artifactAway", e.Said);
        }
    }

    private static async Task<IReadOnlyList<ReleaseView>> ViewAsync(DevOpsDbContext db, long projectId, List<Release> releases, CancellationToken cancellationToken)
    {
        var numbers = releases.ConvertAll(r => r.Number);
        var places = await (from a in db.Applications
                            join e in db.Environments on a.EnvironmentId equals e.Id
                            join s in db.Servers on a.ServerId equals s.Id
                            where e.ProjectId == projectId && numbers.Contains(a.Release)
                            orderby e.Position, e.Name, s.Name
                            select new { a.Release, Place = new ReleasePlace(e.Name, s.Name, a.ActivatedAt) }).ToListAsync(cancellationToken);
        return [.. releases.Select(r => new ReleaseView(r, [.. places.Where(p => p.Release == r.Number).Select(p => p.Place)]))];
    }
}
