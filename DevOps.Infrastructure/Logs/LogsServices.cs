using DevOps.Core.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Logs;

/// <summary>Registers the room.</summary>
public static class LogsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddLogs(this IServiceCollection services)
    {
        services.AddOptions<LogOptions>().BindConfiguration(LogOptions.Section);
        return services
            .AddSingleton<LogFeed>()
            .AddSingleton<LogStore>()
            .AddSingleton<LogPublisher>()
            .AddSingleton<DeploymentLogs>()
            .AddSingleton<LogReader>()
            .AddSingleton<LogSearch>()
            .AddSingleton<LogFollower>()
            .AddSingleton<LogTail>();
    }
}
