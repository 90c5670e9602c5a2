using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Search;

/// <summary>Finds things by a few letters of their names, or a deployment by its number; only what the actor may see.</summary>
public sealed class SearchQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    private const int Most = 6;
    private const int LongestText = 100;
    private const string Escape = @"\";

    /// <summary>The first matches of each kind.</summary>
    /// <param name="actor">Who searches.</param>
    /// <param name="text">What was typed; with nothing, the projects that come first by name.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<Found> FindAsync(Actor actor, string text, CancellationToken cancellationToken)
    {
        var word = text.Trim().ToLowerInvariant();
        if (word.Length > LongestText)
        {
            return new Found([], [], []);
        }

        var pattern = $"%{word.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var visible = actor.VisibleProjects;
        var projects = await db.Projects.AsNoTracking()
            .Where(p => (visible == null || visible.Contains(p.Id)) && (EF.Functions.ILike(p.Key, pattern, Escape) || EF.Functions.ILike(p.Name, pattern, Escape)))
            .OrderByDescending(p => p.Key.StartsWith(word)).ThenBy(p => p.Key).Take(Most)
            .Select(p => new FoundProject(p.Id, p.Key, p.Name)).ToListAsync(cancellationToken);
        var servers = word.Length > 0 && actor.May(Permission.ServerRead)
            ? await db.Servers.AsNoTracking().Where(s => EF.Functions.ILike(s.Name, pattern, Escape) || EF.Functions.ILike(s.Host, pattern, Escape)).OrderBy(s => s.Name).Take(Most).Select(s => s.Name).ToListAsync(cancellationToken)
            : [];
        return new Found(projects, servers, await DeploymentsAsync(db, visible, word.TrimStart('#'), cancellationToken));
    }

    private static async Task<IReadOnlyList<FoundDeployment>> DeploymentsAsync(DevOpsDbContext db, IReadOnlyCollection<long>? visible, string number, CancellationToken cancellationToken)
    {
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return [];
        }

        return await (
            from d in db.Deployments.AsNoTracking()
            join p in db.Projects on d.ProjectId equals p.Id
            join e in db.Environments on d.EnvironmentId equals e.Id
            where d.Id == id && (visible == null || visible.Contains(d.ProjectId))
            select new FoundDeployment(d.Id, p.Key, e.Name, d.Status)).ToListAsync(cancellationToken);
    }
}

/// <summary>What was found.</summary>
/// <param name="Projects">Projects.</param>
/// <param name="Servers">Names of servers.</param>
/// <param name="Deployments">Deployments.</param>
public sealed record Found(IReadOnlyList<FoundProject> Projects, IReadOnlyList<string> Servers, IReadOnlyList<FoundDeployment> Deployments);

/// <summary>A project that was found.</summary>
public sealed record FoundProject(long Id, string Key, string Name);

/// <summary>A deployment that was found.</summary>
public sealed record FoundDeployment(long Id, string Project, string Environment, DeploymentStatus Status);
