using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Replaces what a channel is.</summary>
public sealed class ChangeChannel(IDbContextFactory<DevOpsDbContext> contexts, ChannelSecrets secrets, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Changes it. A draft without a secret leaves the stored one as it is, unless the kind changes to one that is not signed.</summary>
    /// <exception cref="NotFound">There is no such channel.</exception>
    /// <exception cref="InvalidInput">Fields that cannot be accepted.</exception>
    /// <exception cref="Stale">Someone else was faster.</exception>
    public async Task RunAsync(Actor actor, ChannelDraft draft, int? expectedRevision, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.NotificationEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var channel = await db.NotificationChannels.SingleOrDefaultAsync(c => c.Name == draft.Name, cancellationToken) ?? throw ChannelRules.Missing(draft.Name);
        Saving.DemandRevision(channel.Revision, expectedRevision, $"Channel {draft.Name}");
        await ChannelRules.CheckAsync(db, draft, cancellationToken);
        if (channel.Kind != draft.Kind && draft.Secret is null)
        {
            // A secret belongs to the service it was made by.
            draft = draft with { Secret = new("") };
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        (channel.Kind, channel.Events, channel.Projects, channel.Revision) = (draft.Kind, [.. draft.Events], [.. draft.Projects], channel.Revision + 1);
        await secrets.WriteAsync(db, channel, draft, cancellationToken);
        audit.Add(db, actor, "channel.change", ChannelRules.Subject(draft.Name), $"Changed channel {ChannelRules.Words(draft)}.");
        await db.SaveAsync($"Channel {draft.Name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Channel, channel.Id));
    }
}
