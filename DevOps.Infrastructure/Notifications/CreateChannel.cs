using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Adds a channel.</summary>
public sealed class CreateChannel(IDbContextFactory<DevOpsDbContext> contexts, ChannelSecrets secrets, AuditTrail audit, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Adds it.</summary>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Conflict">The name is taken (<c>exists</c>).</exception>
    public async Task RunAsync(Actor actor, ChannelDraft draft, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await ChannelRules.CheckAsync(db, draft, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var channel = new NotificationChannel { Name = draft.Name, Kind = draft.Kind, Events = [.. draft.Events], Projects = [.. draft.Projects], CreatedAt = time.GetUtcNow() };
        db.NotificationChannels.Add(channel);
        await db.SaveAsync($"Channel {draft.Name}", cancellationToken);
        await secrets.WriteAsync(db, channel, draft, cancellationToken);
        audit.Add(db, actor, "channel.create", ChannelRules.Subject(draft.Name), $"Added channel {ChannelRules.Words(draft)}.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Channel, channel.Id));
    }
}
