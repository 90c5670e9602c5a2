using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quartz;

namespace DevOps.Infrastructure.Retention;

/// <summary>Registers the room.</summary>
public static class RetentionServices
{
    /// <summary>Name of the scheduler's job.</summary>
    public const string JobName = "housekeeping";

    // Not in the midst of the start, but soon enough to clear what a crash left.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    /// <summary>Adds the duties and the clock that calls them.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section)
            .Validate(o => o.Every >= TimeSpan.FromMinutes(1), "DevOps:Retention:Every must be at least one minute.")
            .Validate(o => o is { LogDays: > 0, ReleaseDays: >= 0, ReleasesPerProject: > 0, EventDays: > 0 }, "DevOps:Retention: LogDays, EventDays and ReleasesPerProject must be above 0, ReleaseDays not below it.")
            .Validate(o => o is { DeliveryDays: > 0, DeliveriesPerProject: > 0, DeliveryBodyBytes: >= 0 }, "DevOps:Retention: DeliveryDays and DeliveriesPerProject must be above 0, DeliveryBodyBytes not below it.");
        services.AddOptions<RetentionOptions>().Validate(o => o.AuditDays is 0 or >= 90, "DevOps:Retention:AuditDays must be 0 (for ever) or at least 90.");
        services.AddSingleton<IHousekeeping, OldJobs>();
        services.AddSingleton<IHousekeeping, OldAuditEntries>();
        services.AddSingleton<IHousekeeping, LeftContainers>();
        services.AddSingleton<IHousekeeping, LeftWorkspaces>();
        services.AddSingleton<IHousekeeping, OldLogs>();
        services.AddSingleton<IHousekeeping, OldReleases>();
        services.AddSingleton<IHousekeeping, SpreadCounts>();
        services.AddSingleton<IHousekeeping, OldEvents>();
        services.AddSingleton<IHousekeeping, OldDeliveries>();
        services.AddSingleton<IHousekeeping, OldNotifications>();
        services.AddSingleton<Housekeeper>();
        services.AddQuartz(quartz => quartz.ScheduleJob<Housekeeper>(
            (provider, trigger) => trigger
                .StartAt(provider.GetRequiredService<TimeProvider>().GetUtcNow() + First)
                .WithSimpleSchedule(schedule => schedule.WithInterval(provider.GetRequiredService<IOptions<RetentionOptions>>().Value.Every).RepeatForever()),
            (_, job) => job.WithIdentity(JobName)));
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }
}
