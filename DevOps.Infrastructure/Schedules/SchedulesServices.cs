using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Schedules;

/// <summary>Registers the room. The clock itself is Quartz, started with housekeeping.</summary>
public static class SchedulesServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddSchedules(this IServiceCollection services) => services
        .AddSingleton<ScheduleQueries>()
        .AddSingleton<CreateOrChangeSchedule>()
        .AddSingleton<DeleteSchedule>()
        .AddSingleton<FireSchedule>()
        .AddSingleton<ScheduledDeployment>()
        .AddHostedService<ScheduleSync>();
}
