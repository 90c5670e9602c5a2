using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Queue;

/// <summary>Registers the room.</summary>
public static class QueueServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddQueue(this IServiceCollection services)
    {
        services.AddSingleton<DatabaseSignals>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseSignals>());
        return services;
    }
}
