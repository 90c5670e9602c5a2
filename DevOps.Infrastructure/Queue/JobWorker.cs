using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Core.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>Takes jobs while there are free slots and runs them. Woken by signals, with a slow poll beneath. An error ends one turn of the loop, never the loop.
/// When the process is asked to stop it takes no more, waits for what runs, then interrupts that and hands it back.</summary>
public sealed class JobWorker(QueueRoom room, JobRunner runner, PlatformOptions platform, ILogger<JobWorker> logger) : BackgroundService
{
    private const int ErrandsAtOnce = 4;

    private readonly JobLane[] _lanes = [new(room, platform.RunnerCount, runner.Kinds(errands: false)), new(room, ErrandsAtOnce, runner.Kinds(errands: true))];
    private readonly CancellationTokenSource _interrupt = new();
    private readonly CancellationTokenSource _leave = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>The name this worker holds leases under; no two processes share one.</summary>
    public string Name { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..6]}");

    /// <summary>Sign of life.</summary>
    public WorkerHeartbeat Heartbeat =>
        new(platform.IsWorker, _lanes.Max(l => l.Age), _lanes.Sum(l => l.Busy));

    public override void Dispose()
    {
        Array.ForEach(_lanes, l => l.Dispose());
        _interrupt.Dispose();
        _leave.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!platform.IsWorker)
        {
            return;
        }

        await Task.WhenAll(_lanes.Select(l => ServeAsync(l, stoppingToken)));
        await CloseAsync();
    }

    private async Task ServeAsync(JobLane lane, CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            lane.NoteTurn();
            try
            {
                await TakeAsync(lane, stopping);
                failures = 0;
            }
            catch (Exception exception)
            {
                failures++;
                logger.LogWarning("Looking for jobs failed ({Reason}); trying again", exception.Message);
            }

            await RestAsync(lane, failures, stopping);
        }
    }

    private async Task TakeAsync(JobLane lane, CancellationToken stopping)
    {
        var free = lane.Free;
        if (free <= 0 || lane.Kinds.Count == 0)
        {
            return;
        }

        // Not cancelled by the stop: a take that was cut off may have happened all the same, and nobody would know.
        var takenAt = room.Time.GetTimestamp();
        foreach (var job in await room.Queue.ClaimAsync(Name, free, lane.Kinds, CancellationToken.None))
        {
            if (stopping.IsCancellationRequested)
            {
                await room.Queue.ReleaseAsync(new JobFence(job.Id, job.Attempt, Name), CancellationToken.None);
                room.Signal.Wake(job.Kind);
                continue;
            }

            Start(lane, job, takenAt);
        }
    }

    private void Start(JobLane lane, Job job, long takenAt)
    {
        lane.Enter();
        room.Signal.Took(job);
        var task = Task.Run(() => RunAsync(lane, job, takenAt), CancellationToken.None);
        _running[task] = 0;
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task RunAsync(JobLane lane, Job job, long takenAt)
    {
        try
        {
            await runner.RunAsync(job, Name, takenAt, new HouseTokens(_interrupt.Token, _leave.Token));
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Job {Job} was left to its lease", job.Id);
        }
        finally
        {
            lane.Leave();
            room.Signal.Left(job);
        }
    }

    private async Task RestAsync(JobLane lane, int failures, CancellationToken stopping)
    {
        var rest = failures == 0 ? room.Options.Poll : TimeSpan.FromMilliseconds(Math.Min(room.Options.Poll.TotalMilliseconds, 100 * Math.Pow(2, failures)));
        try
        {
            await lane.RestAsync(QueueRoom.Jittered(rest), stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition ends it.
        }
    }

    private async Task CloseAsync()
    {
        if (await EndedWithinAsync(room.Options.Grace))
        {
            return;
        }

        logger.LogInformation("{Count} jobs are interrupted and handed back", _running.Count);
        await _interrupt.CancelAsync();
        if (!await EndedWithinAsync(room.Options.LastWait))
        {
            logger.LogWarning("{Count} jobs did not stop in time and are left to their lease", _running.Count);
            await _leave.CancelAsync();
        }
    }

    private async Task<bool> EndedWithinAsync(TimeSpan limit)
    {
        try
        {
            await Task.WhenAll(_running.Keys).WaitAsync(limit, room.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
