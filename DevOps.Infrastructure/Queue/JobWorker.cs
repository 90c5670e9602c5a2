using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Core.Queue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>Takes jobs while there are free slots and runs them. Woken by signals, with a slow poll beneath. An error ends one turn of the loop, never the loop.
/// When the process is asked to stop it takes no more, waits for what runs, then interrupts that and hands it back.</summary>
public sealed class JobWorker : BackgroundService
{
    private const int ErrandsAtOnce = 4;

    private readonly QueueRoom _room;
    private readonly JobRunner _runner;
    private readonly bool _isWorker;
    private readonly ILogger _logger;
    private readonly JobLane[] _lanes;
    private readonly CancellationTokenSource _interrupt = new();
    private readonly CancellationTokenSource _leave = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private CancellationToken _stopping;

    public JobWorker(QueueRoom room, JobRunner runner, PlatformOptions platform, ILogger<JobWorker> logger)
    {
        (_room, _runner, _isWorker, _logger) = (room, runner, platform.IsWorker, logger);
        _lanes = [new JobLane(room, platform.RunnerCount, runner.Kinds(errands: false), Succession), new JobLane(room, ErrandsAtOnce, runner.Kinds(errands: true), Succession)];
    }

    /// <summary>The name this worker holds leases under; no two processes share one.</summary>
    public string Name { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..6]}");

    /// <summary>Sign of life.</summary>
    public WorkerHeartbeat Heartbeat =>
        new(_isWorker, _lanes.Max(l => l.Age), _lanes.Sum(l => l.Busy));

    public override void Dispose()
    {
        Array.ForEach(_lanes, l => l.Dispose());
        _interrupt.Dispose();
        _leave.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_isWorker)
        {
            return;
        }

        _stopping = stoppingToken;
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
                await TakeAsync(lane);
                failures = 0;
            }
            catch (Exception exception)
            {
                failures++;
                _logger.LogWarning("Looking for jobs failed ({Reason}); trying again", exception.Message);
            }

            await RestAsync(lane, failures, stopping);
        }
    }

    private async Task TakeAsync(JobLane lane)
    {
        var free = lane.Free;
        if (free <= 0 || lane.Kinds.Count == 0)
        {
            return;
        }

        // Not cancelled by the stop: a take that was cut off may have happened all the same, and nobody would know.
        var takenAt = _room.Time.GetTimestamp();
        await GiveAsync(lane, await _room.Queue.ClaimAsync(Name, free, lane.Kinds, CancellationToken.None), takenAt);
    }

    private async Task GiveAsync(JobLane lane, IReadOnlyList<Job> jobs, long takenAt)
    {
        foreach (var job in jobs)
        {
            if (_stopping.IsCancellationRequested)
            {
                await HandBackAsync(job);
                continue;
            }

            Start(lane, job, takenAt);
        }
    }

    private async Task HandBackAsync(Job job)
    {
        try
        {
            await _room.Queue.ReleaseAsync(new JobFence(job.Id, job.Attempt, Name), CancellationToken.None);
            _room.Signal.Wake(job.Kind);
        }
        catch (Exception exception)
        {
            _logger.LogWarning("Job {Job} could not be handed back ({Reason}) and is left to its lease", job.Id, exception.Message);
        }
    }

    private JobSuccession Succession(JobLane lane) => new(Name, lane.Kinds, () => _stopping.IsCancellationRequested ? null : _room.Time.GetTimestamp(), (jobs, takenAt) => GiveAsync(lane, jobs, takenAt));

    private void Start(JobLane lane, Job job, long takenAt)
    {
        lane.Enter();
        _room.Signal.Took(job);
        var task = FairTurn.Run(() => RunAsync(lane, job, takenAt));
        _running[task] = 0;
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task RunAsync(JobLane lane, Job job, long takenAt)
    {
        try
        {
            await _runner.RunAsync(job, Name, takenAt, new HouseTokens(_interrupt.Token, _leave.Token), lane.Next);
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "Job {Job} was left to its lease", job.Id);
        }
        finally
        {
            lane.Leave();
            _room.Signal.Left(job);
        }
    }

    private async Task RestAsync(JobLane lane, int failures, CancellationToken stopping)
    {
        var rest = failures == 0 ? _room.Options.Poll : TimeSpan.FromMilliseconds(Math.Min(_room.Options.Poll.TotalMilliseconds, 100 * Math.Pow(2, failures)));
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
        if (await EndedWithinAsync(_room.Options.Grace))
        {
            return;
        }

        _logger.LogInformation("{Count} jobs are interrupted and handed back", _running.Count);
        await _interrupt.CancelAsync();
        if (!await EndedWithinAsync(_room.Options.LastWait))
        {
            _logger.LogWarning("{Count} jobs did not stop in time and are left to their lease", _running.Count);
            await _leave.CancelAsync();
        }
    }

    private async Task<bool> EndedWithinAsync(TimeSpan limit)
    {
        try
        {
            await AllEndedAsync().WaitAsync(limit, _room.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // The last turns to end before the stop may have had successors.
    private async Task AllEndedAsync()
    {
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Keys);
            await Task.Yield();
        }
    }
}
