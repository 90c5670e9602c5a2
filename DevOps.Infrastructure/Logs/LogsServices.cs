using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Logs;

/// <summary>Registers the room.</summary>
public static class LogsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddLogs(this IServiceCollection services) => services;
}
