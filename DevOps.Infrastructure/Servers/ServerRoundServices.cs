using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quartz;

namespace DevOps.Infrastructure.Servers;

/// <summary>Registers the regular look at servers.</summary>
public static class ServerRoundServices
{
    private const string JobName = "servers";

    /// <summary>Adds the round and the clock that calls it.</summary>
    public static IServiceCollection AddServerRounds(this IServiceCollection services)
    {
        services.AddOptions<ServerRoundOptions>().BindConfiguration(ServerRoundOptions.Section)
            .Validate(o => o.CheckEvery >= TimeSpan.FromSeconds(30), "DevOps:Servers:CheckEvery must be at least 30 seconds.");
        services.AddSingleton<ServerRound>();
        return services.AddQuartz(quartz => quartz.ScheduleJob<ServerRound>(
            (provider, trigger) =>
            {
                var every = provider.GetRequiredService<IOptions<ServerRoundOptions>>().Value.CheckEvery;
                trigger.StartAt(provider.GetRequiredService<TimeProvider>().GetUtcNow() + every).WithSimpleSchedule(schedule => schedule.WithInterval(every).RepeatForever());
            },
            (_, job) => job.WithIdentity(JobName)));
    }
}
