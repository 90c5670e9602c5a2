using System.Globalization;
using DevOps.Core.Access;
using Quartz;

namespace DevOps.Infrastructure.Schedules;

/// <summary>What Quartz calls when a schedule is due.</summary>
public sealed class ScheduledDeployment(FireSchedule fire, TimeProvider time) : IJob
{
    /// <summary>Where the schedule's row id stands in the job's data.</summary>
    public const string Id = "id";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        // The clock may call a moment early; what it meant counts.
        var meant = context.ScheduledFireTimeUtc ?? DateTimeOffset.MinValue;
        var now = time.GetUtcNow();
        var id = long.Parse(context.MergedJobDataMap.GetString(Id)!, CultureInfo.InvariantCulture);
        await fire.RunAsync(Actor.Platform, id, meant > now ? meant : now, cancellationToken);
    }
}
