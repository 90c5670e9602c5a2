using DevOps.Infrastructure.Net;
using DevOps.Infrastructure.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Registers the room.</summary>
public static class NotificationsServices
{
    /// <summary>Adds channels, their messages, and who sends them.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section)
            .Validate(o => o.Port is > 0 and <= 65535, "Mail:Port must be between 1 and 65535.")
            .Validate(o => o.Host.Length == 0 || System.Net.Mail.MailAddress.TryCreate(o.From, out _), "Mail:From must be a mail address when Mail:Host is set.")
            .Validate(o => o.CaFile.Length == 0 || File.Exists(o.CaFile), "Mail:CaFile names no file that is there.")
            .ValidateOnStart();
        return services
            .AddSingleton<ChannelSecrets>()
            .AddSingleton<ChannelQueries>()
            .AddSingleton<CreateChannel>()
            .AddSingleton<ChangeChannel>()
            .AddSingleton<DeleteChannel>()
            .AddSingleton<TestChannel>()
            .AddSingleton<MessageReader>()
            .AddSingleton<ChannelMail>()
            .AddSingleton(provider => new ChannelPost(provider.GetRequiredService<OutgoingGuard>().Handler(), TimeSpan.FromSeconds(10)))
            .AddSingleton<ChannelSender>()
            .AddSingleton<NotificationDispatch>()
            .AddSingleton<IJobHandler, NotificationJobHandler>()
            .AddHostedService<NotificationWatch>();
    }
}
