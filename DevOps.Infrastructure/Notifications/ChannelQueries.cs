using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Reads channels and their messages.</summary>
public sealed class ChannelQueries(IDbContextFactory<DevOpsDbContext> contexts, ChannelSecrets secrets)
{
    /// <summary>One page of channels, newest first.</summary>
    public async Task<Listing<ChannelView>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var total = await db.NotificationChannels.LongCountAsync(cancellationToken);
        var channels = await db.NotificationChannels.AsNoTracking().OrderByDescending(c => c.Id).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        var views = new List<ChannelView>(channels.Count);
        foreach (var channel in channels)
        {
            views.Add(await ViewAsync(db, channel, cancellationToken));
        }

        return new Listing<ChannelView>(views, page.Page, page.PageSize, total);
    }

    /// <summary>One channel.</summary>
    /// <exception cref="NotFound">There is no such channel.</exception>
    public async Task<ChannelView> GetAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await ViewAsync(db, await FindAsync(db, name, cancellationToken), cancellationToken);
    }

    /// <summary>One page of messages, newest first, of one channel or of all.</summary>
    /// <exception cref="NotFound">There is no such channel.</exception>
    public async Task<Listing<DeliveryView>> DeliveriesAsync(Actor actor, string? channel, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var id = channel is null ? (long?)null : (await FindAsync(db, channel, cancellationToken)).Id;
        var rows =
            from d in db.NotificationDeliveries.AsNoTracking()
            join c in db.NotificationChannels on d.ChannelId equals c.Id
            where id == null || d.ChannelId == id
            orderby d.Id descending
            select new DeliveryView(d.Id, c.Name, d.DeploymentId, d.Event, d.State, d.Attempts, d.Answer, d.CreatedAt, d.FinishedAt);
        return new Listing<DeliveryView>(
            await rows.Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken), page.Page, page.PageSize, await rows.LongCountAsync(cancellationToken));
    }

    private static async Task<NotificationChannel> FindAsync(DevOpsDbContext db, string name, CancellationToken cancellationToken) =>
        await db.NotificationChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Name == name, cancellationToken) ?? throw ChannelRules.Missing(name);

    private async Task<ChannelView> ViewAsync(DevOpsDbContext db, NotificationChannel channel, CancellationToken cancellationToken)
    {
        var last = await db.NotificationDeliveries.AsNoTracking().Where(d => d.ChannelId == channel.Id && d.State != DeliveryState.Pending).OrderByDescending(d => d.Id)
            .Select(d => new DeliveryView(d.Id, channel.Name, d.DeploymentId, d.Event, d.State, d.Attempts, d.Answer, d.CreatedAt, d.FinishedAt)).FirstOrDefaultAsync(cancellationToken);
        var (url, _) = await secrets.ReadAsync(channel.Id, cancellationToken);
        return new ChannelView(channel.Name, channel.Kind, url, channel.HasSecret, channel.Events, channel.Projects, last, channel.CreatedAt, channel.Revision);
    }
}

/// <summary>A channel without its secret.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Kind">What stands behind the address.</param>
/// <param name="Url">Its address.</param>
/// <param name="SecretSet">Whether messages are signed.</param>
/// <param name="Events">States that are told.</param>
/// <param name="Projects">Keys of projects; empty for all.</param>
/// <param name="LastDelivery">The last message that was sent, given up or left out.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Revision">For <c>If-Match</c>.</param>
public sealed record ChannelView(
    string Name, ChannelKind Kind, string Url, bool SecretSet, IReadOnlyList<string> Events, IReadOnlyList<string> Projects, DeliveryView? LastDelivery, DateTimeOffset CreatedAt, int Revision);

/// <summary>A message and how far it has come.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Channel">Name of the channel.</param>
/// <param name="Deployment">Number of the deployment; null for a test.</param>
/// <param name="Event">The state that is told, or <c>test</c>.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Attempts">Tries so far.</param>
/// <param name="Answer">What the receiver said last.</param>
/// <param name="CreatedAt">When it came up.</param>
/// <param name="FinishedAt">When it was sent, given up or left out.</param>
public sealed record DeliveryView(long Id, string Channel, long? Deployment, string Event, DeliveryState State, int Attempts, string? Answer, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);
