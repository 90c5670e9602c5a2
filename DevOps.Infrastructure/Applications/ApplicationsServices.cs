using DevOps.Infrastructure.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Applications;

/// <summary>Registers the room.</summary>
public static class ApplicationsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddApplications(this IServiceCollection services) => services
        .AddSingleton<ApplicationQueries>()
        .AddSingleton<RunningApplicationReader>()
        .AddSingleton<ObserveApplications>()
        .AddSingleton<ControlApplication>()
        .AddSingleton<FollowRuntimeLog>()
        .AddSingleton<IJobHandler, ControlLock>();
}
