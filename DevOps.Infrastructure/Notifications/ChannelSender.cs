using DevOps.Core.Notifications;
using DevOps.Core.Notifications.Messages;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Makes one try to bring a message to a channel.</summary>
public sealed class ChannelSender(ChannelSecrets secrets, ChannelPost post, ChannelMail mail, TimeProvider time)
{
    internal async Task<SendAnswer> SendAsync(NotificationChannel channel, DeploymentMessage message, CancellationToken cancellationToken)
    {
        var (url, secret) = await secrets.ReadAsync(channel.Id, cancellationToken);
        return channel.Kind == ChannelKind.Email
            ? await mail.SendAsync(url, message, cancellationToken)
            : await post.SendAsync(channel.Kind, ChannelRequests.Make(channel.Kind, new Uri(url), secret, message, time.GetUtcNow()), cancellationToken);
    }
}
