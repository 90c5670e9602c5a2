using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Queue;

/// <summary>Registers the room.</summary>
public static class QueueServices
{
    /// <summary>Adds the queue. Handlers are added by their own rooms as <see cref="IJobHandler"/> singletons.</summary>
    public static IServiceCollection AddQueue(this IServiceCollection services)
    {
        services.AddSingleton<DatabaseSignals>();
        services.AddSingleton(provider => provider.GetService<IConfiguration>()?.GetSection(QueueOptions.Section).Get<QueueOptions>() ?? new QueueOptions());
        services.AddSingleton<JobSignal>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<HeldKeys>();
        services.AddSingleton<QueueRoom>();
        services.AddSingleton<JobHandlers>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<JobWorker>();
        services.AddSingleton<JobCleaner>();

        // Stopped in the reverse order: the worker hands back while the signals still carry.
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseSignals>());
        services.AddHostedService<JobRescuer>();
        services.AddHostedService(provider => provider.GetRequiredService<JobWorker>());
        return services;
    }
}
