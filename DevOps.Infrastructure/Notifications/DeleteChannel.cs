using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Deletes a channel with its history. Messages that wait are not sent any more.</summary>
public sealed class DeleteChannel(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Deletes it.</summary>
    /// <exception cref="NotFound">There is no such channel.</exception>
    public async Task RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var channel = await db.NotificationChannels.SingleOrDefaultAsync(c => c.Name == name, cancellationToken) ?? throw ChannelRules.Missing(name);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ChannelSecrets.DeleteAsync(db, channel.Id, cancellationToken);
        db.NotificationChannels.Remove(channel);
        audit.Add(db, actor, "channel.delete", ChannelRules.Subject(name), $"Deleted channel {name}.");
        await db.SaveAsync($"Channel {name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Channel, channel.Id));
    }
}
