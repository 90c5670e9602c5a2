using DevOps.Core.Notifications;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Address and signing secret of a channel, sealed.</summary>
public sealed class ChannelSecrets(SecretWriter writer, SecretReader reader)
{
    private const string Url = "url";
    private const string Secret = "secret";

    /// <summary>Opens what is stored.</summary>
    internal async Task<(string Url, string Secret)> ReadAsync(long channelId, CancellationToken cancellationToken)
    {
        var values = await reader.ReadAsync(SecretScope.Channel, channelId, cancellationToken);
        return (values[Url].Reveal(), values.TryGetValue(Secret, out var secret) ? secret.Reveal() : "");
    }

    /// <summary>Stores what a draft says into the context, without saving.</summary>
    internal async Task WriteAsync(DevOpsDbContext db, NotificationChannel channel, ChannelDraft draft, CancellationToken cancellationToken)
    {
        var changes = new Dictionary<string, string?>(StringComparer.Ordinal) { [Url] = draft.Url };
        var stored = await StoredAsync(channel.Id, cancellationToken);
        db.NoteSecret(Url, Known(Url), draft.Url);
        if (draft.Secret is { } secret)
        {
            changes[Secret] = secret.Reveal() is { Length: > 0 } value ? value : null;
            db.NoteSecret(Secret, Known(Secret), secret.Reveal());
            channel.HasSecret = changes[Secret] is not null;
        }

        await writer.ApplyAsync(db, new SecretOwner(SecretScope.Channel, channel.Id, [], ""), changes, cancellationToken);

        string Known(string name) => stored.TryGetValue(name, out var value) ? value.Reveal() : "";
    }

    // What cannot be opened any more can still be replaced.
    private async Task<IReadOnlyDictionary<string, Sensitive>> StoredAsync(long channelId, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(SecretScope.Channel, channelId, cancellationToken);
        }
        catch (SecretUnreadable)
        {
            return new Dictionary<string, Sensitive>(StringComparer.Ordinal);
        }
    }

    /// <summary>Removes everything of a channel.</summary>
    internal static Task DeleteAsync(DevOpsDbContext db, long channelId, CancellationToken cancellationToken) =>
        db.Secrets.Where(s => s.Scope == SecretScope.Channel && s.OwnerId == channelId).ExecuteDeleteAsync(cancellationToken);
}
