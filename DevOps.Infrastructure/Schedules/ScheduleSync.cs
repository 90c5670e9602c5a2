using System.Globalization;
using System.Threading.Channels;
using DevOps.Core.Events;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace DevOps.Infrastructure.Schedules;

/// <summary>Keeps this process's clock in step with the rows, on workers only: at the start, after every change anywhere, and every minute as the net under both.</summary>
public sealed class ScheduleSync(
    IDbContextFactory<DevOpsDbContext> contexts,
    ISchedulerFactory schedulers,
    ChangeFeed feed,
    PlatformOptions platform,
    TimeProvider time,
    ILogger<ScheduleSync> logger) : BackgroundService
{
    private const string Group = "schedules";
    private static readonly TimeSpan SlowLook = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, JobKey> _known = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!platform.IsWorker)
        {
            return;
        }

        using var subscription = feed.Subscribe(change =>
        {
            if (change.Kind is ChangeKind.Schedule or ChangeKind.Project)
            {
                _changed.Writer.TryWrite(true);
            }
        });
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SyncAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning("The schedules could not be read ({Reason}); trying again", e.Message);
            }

            await WaitAsync(stoppingToken);
        }
    }

    // A trigger bears the revision of its row: a changed row is another trigger, and one that stayed is left alone.
    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.Schedules.AsNoTracking().Where(s => s.Enabled).ToListAsync(cancellationToken);
        var wanted = rows.ToDictionary(KeyOf, StringComparer.Ordinal);
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        foreach (var (key, job) in _known.Where(k => !wanted.ContainsKey(k.Key)).ToList())
        {
            await scheduler.DeleteJob(job, cancellationToken);
            _known.Remove(key);
        }

        foreach (var (key, row) in wanted.Where(w => !_known.ContainsKey(w.Key)))
        {
            if (CronTimes.TryRead(row.Cron, row.TimeZone, out var cron) && cron.GetNextValidTimeAfter(time.GetUtcNow()) is not null)
            {
                _known[key] = await AddAsync(scheduler, key, row, cron, cancellationToken);
            }
        }
    }

    private async Task<JobKey> AddAsync(IScheduler scheduler, string key, Schedule row, CronExpression cron, CancellationToken cancellationToken)
    {
        var job = JobBuilder.Create<ScheduledDeployment>().WithIdentity(key, Group).UsingJobData(ScheduledDeployment.Id, row.Id.ToString(CultureInfo.InvariantCulture)).Build();
        var since = row.LastFiredAt > row.ChangedAt ? row.LastFiredAt.Value : row.ChangedAt;
        var trigger = TriggerBuilder.Create().WithIdentity(key, Group).ForJob(job)
            .StartAt(since < time.GetUtcNow() ? since : time.GetUtcNow())
            .WithSchedule(CronScheduleBuilder.Create(cron).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed))
            .Build();
        await scheduler.ScheduleJob(job, trigger, cancellationToken: cancellationToken);
        return job.Key;
    }

    private static string KeyOf(Schedule row) => string.Create(CultureInfo.InvariantCulture, $"{row.Id}.{row.Revision}");

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var slow = new CancellationTokenSource(SlowLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellationToken);
        try
        {
            await _changed.Reader.WaitToReadAsync(either.Token);
            _changed.Reader.TryRead(out _);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Time to look, or to stop: the loop knows.
        }
    }
}
