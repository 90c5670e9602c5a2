using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Registers the room.</summary>
public static class WebhooksServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section)
            .Validate(o => o is { RejectedPerMinute: > 0, PerMinute: > 0 }, "DevOps:Webhooks: RejectedPerMinute and PerMinute must be above 0.");
        return services
            .AddSingleton<WebhookTargets>()
            .AddSingleton<RejectedDeliveries>()
            .AddHostedService(provider => provider.GetRequiredService<RejectedDeliveries>())
            .AddSingleton<DecideDelivery>()
            .AddSingleton<ReceiveDelivery>()
            .AddSingleton<RepeatDelivery>()
            .AddSingleton<CreateWebhookSecret>()
            .AddSingleton<DeliveryQueries>()
            .AddSingleton<TryTriggers>();
    }
}
