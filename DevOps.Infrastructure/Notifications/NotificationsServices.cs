using System.Net;
using System.Net.Sockets;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Queue;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

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
            .AddSingleton(provider => new ChannelPost(Outgoing(provider.GetRequiredService<NpgsqlDataSource>()), TimeSpan.FromSeconds(10)))
            .AddSingleton<ChannelSender>()
            .AddSingleton<NotificationDispatch>()
            .AddSingleton<IJobHandler, NotificationJobHandler>()
            .AddHostedService<NotificationWatch>();
    }

    // Addresses are looked at after their names were resolved, so that a name cannot hide a forbidden one.
    private static SocketsHttpHandler Outgoing(NpgsqlDataSource source)
    {
        var connection = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromSeconds(30),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var addresses = IPAddress.TryParse(context.DnsEndPoint.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
                var allowed = addresses.Where(a => !HttpHealthProbe.IsForbidden(a) && context.DnsEndPoint.Port != connection.Port).ToArray();
                if (allowed.Length == 0)
                {
                    throw new HttpRequestException("nothing may be sent to this address");
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
    }
}
