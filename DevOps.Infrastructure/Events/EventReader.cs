using System.Globalization;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Events;

/// <summary>Reads the history of deployments forward from an id.</summary>
public sealed class EventReader(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>Key of the setting that holds the highest id housekeeping has removed.</summary>
    internal const string PrunedKey = "events.pruned";

    private const int Batch = 200;

    /// <summary>Refuses a project that is not there or may not be seen.</summary>
    /// <exception cref="NotFound">See above.</exception>
    public async Task DemandAsync(Actor actor, EventFilter filter, CancellationToken cancellationToken)
    {
        if (filter.Project is { } key)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var id = await db.Projects.Where(p => p.Key == key).Select(p => (long?)p.Id).SingleOrDefaultAsync(cancellationToken);
            if (id is null || !actor.May(Permission.ProjectRead, id))
            {
                throw new NotFound($"Project {key}");
            }
        }
    }

    /// <summary>Where the history begins (everything up to it was removed) and ends now.</summary>
    public async Task<EventSpan> SpanAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var pruned = await db.Settings.Where(s => s.Key == PrunedKey).Select(s => s.Value).SingleOrDefaultAsync(cancellationToken);
        var begin = pruned is null ? 0 : long.Parse(pruned, CultureInfo.InvariantCulture);
        return new EventSpan(begin, Math.Max(begin, await LastAsync(db, cancellationToken)));
    }

    /// <summary>The next events after an id that the actor may see.</summary>
    public async Task<EventBatch> ReadAsync(Actor actor, EventFilter filter, long after, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // Read before the rows: what lies between is complete, because ids rise in the order of the commits.
        var last = await LastAsync(db, cancellationToken);
        if (last <= after)
        {
            return new EventBatch([], after, More: false);
        }

        var visible = actor.VisibleProjects;
        var rows = await (
            from e in db.DeploymentEvents.AsNoTracking()
            join p in db.Projects on e.ProjectId equals p.Id
            join v in db.Environments on e.EnvironmentId equals v.Id
            where e.Id > after && e.Id <= last
                && (visible == null || visible.Contains(e.ProjectId))
                && (filter.Project == null || p.Key == filter.Project)
                && (filter.Environment == null || v.Name == filter.Environment)
            orderby e.Id
            select new { Event = e, p.Key, v.Name }).Take(Batch).ToListAsync(cancellationToken);
        var full = rows.Count == Batch;
        return new EventBatch(
            [.. rows.Select(r => new EventView(r.Event.Id, r.Event.At, r.Event.Kind, r.Event.DeploymentId, r.Key, r.Name, Parse(r.Event.Data)))],
            full ? rows[^1].Event.Id : last,
            full);
    }

    private static Task<long> LastAsync(DevOpsDbContext db, CancellationToken cancellationToken) =>
        db.DeploymentEvents.Select(e => e.Id).OrderByDescending(i => i).FirstOrDefaultAsync(cancellationToken);

    private static JsonElement Parse(string data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement.Clone();
    }
}

/// <summary>What a stream of events is narrowed to.</summary>
/// <param name="Project">Key of a project.</param>
/// <param name="Environment">Name of environments.</param>
public sealed record EventFilter(string? Project = null, string? Environment = null);

/// <summary>What there is of the history.</summary>
/// <param name="Begin">Events up to this id were removed.</param>
/// <param name="End">Id of the last event.</param>
public sealed record EventSpan(long Begin, long End);

/// <summary>Some events.</summary>
/// <param name="Events">The events, in order.</param>
/// <param name="Through">Id up to which everything was looked at.</param>
/// <param name="More">Whether there was more than fits.</param>
public sealed record EventBatch(IReadOnlyList<EventView> Events, long Through, bool More);

/// <summary>An event as programs get it.</summary>
/// <param name="Id">Rising number.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Deployment">Number of the deployment.</param>
/// <param name="Project">Key of its project.</param>
/// <param name="Environment">Name of its environment.</param>
/// <param name="Change">What is new, by kind: <c>status</c>, <c>previous</c>, <c>step</c>, <c>server</c>, <c>release</c>, <c>exitCode</c> …</param>
public sealed record EventView(long Id, DateTimeOffset At, DeploymentEventKind Kind, long Deployment, string Project, string Environment, JsonElement Change);
