using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Core.Queue;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevOps.Tests.Infrastructure.Queue;

public sealed class JobWorkerTests : IAsyncLifetime
{
    // Nothing in these tests is found by polling unless the test says so.
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private readonly PostgresFixture _postgres = new();
    private readonly List<QueueProcess> _processes = [];

    public Task InitializeAsync() => _postgres.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task Two_workers_on_one_database_do_every_job_once()
    {
        const int jobs = 2000;
        var (one, other) = (Process(), Process());
        await FillAsync(one, "INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at) "
            + $"SELECT 'count', '{{}}', 'available', 0, now(), 0, 5, now() FROM generate_series(1, {jobs})");
        var done = new ConcurrentDictionary<long, int>();
        var byWorker = new ConcurrentDictionary<string, int>();
        var all = new TaskCompletionSource();
        ScriptedHandler Counting() => new("count", context =>
        {
            done.AddOrUpdate(context.Job.Id, 1, (_, n) => n + 1);
            byWorker.AddOrUpdate(context.Fence.Worker, 1, (_, n) => n + 1);
            if (done.Count == jobs)
            {
                all.TrySetResult();
            }

            return Task.FromResult(JobOutcome.Done);
        });

        await one.StartWorkerAsync(4, Counting());
        await other.StartWorkerAsync(4, Counting());
        await all.Task.WaitAsync(QueueProcess.Patience);
        await StopAllAsync();

        Assert.All(done.Values, n => Assert.Equal(1, n));
        Assert.Equal(2, byWorker.Count);
        Assert.Equal(jobs, await CountAsync("state = 'completed' AND attempt = 1"));
    }

    [Fact]
    public async Task Worker_never_runs_more_than_it_has_slots_however_much_waits()
    {
        const int jobs = 400;
        var process = Process();
        await FillAsync(process, "INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at) "
            + $"SELECT 'slots', '{{}}', 'available', 0, now(), 0, 5, now() FROM generate_series(1, {jobs})");
        var (running, done) = (0, 0);
        var seen = new ConcurrentBag<int>();
        var all = new TaskCompletionSource();

        await process.StartWorkerAsync(3, new ScriptedHandler("slots", async _ =>
        {
            seen.Add(Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            if (Interlocked.Increment(ref done) == jobs)
            {
                all.SetResult();
            }

            return JobOutcome.Done;
        }));
        await all.Task.WaitAsync(QueueProcess.Patience);
        await StopAllAsync();

        Assert.InRange(seen.Max(), 1, 3);
        Assert.Equal(jobs, await CountAsync("state = 'completed' AND attempt = 1"));
    }

    [Fact]
    public async Task Jobs_of_one_key_run_one_at_a_time_in_order_however_many_workers_there_are()
    {
        const int keys = 8;
        const int each = 25;
        await FillAsync(Process(), "INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at, lock_key) "
            + $"SELECT 'keyed', '{{}}', 'available', 0, now(), 0, 5, now(), 'key' || n % {keys} FROM generate_series(1, {keys * each}) n");
        var running = new ConcurrentDictionary<string, int>();
        var order = new ConcurrentDictionary<string, ConcurrentQueue<long>>();
        var overlaps = 0;
        var left = keys * each;
        var all = new TaskCompletionSource();
        ScriptedHandler Keyed() => new("keyed", async context =>
        {
            var key = context.Job.LockKey!;
            if (running.AddOrUpdate(key, 1, (_, n) => n + 1) != 1)
            {
                Interlocked.Increment(ref overlaps);
            }

            order.GetOrAdd(key, _ => new()).Enqueue(context.Job.Id);
            await Task.Yield();
            running.AddOrUpdate(key, 0, (_, n) => n - 1);
            if (Interlocked.Decrement(ref left) == 0)
            {
                all.TrySetResult();
            }

            return JobOutcome.Done;
        });

        for (var worker = 0; worker < 3; worker++)
        {
            await Process(new QueueOptions { Poll = TimeSpan.FromMilliseconds(50) }).StartWorkerAsync(4, Keyed());
        }

        await all.Task.WaitAsync(QueueProcess.Patience);
        await StopAllAsync();

        Assert.Equal(0, overlaps);
        Assert.Equal(keys, order.Count);
        Assert.All(order.Values, ids => Assert.Equal(ids.Order(), ids));
    }

    [Fact]
    public async Task New_job_wakes_the_worker_of_its_own_process_without_the_database()
    {
        var process = Process(new QueueOptions { Poll = Never });
        var handler = Quick("own");
        await process.StartWorkerAsync(1, handler);

        var job = await process.EnqueueAsync("own");
        process.Queue.Wake();

        Assert.Equal(job.Id, (await handler.NextTurnAsync()).Job.Id);
    }

    [Fact]
    public async Task New_job_wakes_the_worker_of_another_process()
    {
        var (web, worker) = (Process(), Process(new QueueOptions { Poll = Never }));
        var handler = Quick("far");
        await web.ListenAsync();
        await worker.ListenAsync();
        await worker.StartWorkerAsync(1, handler);

        var job = await web.EnqueueAsync("far");
        web.Queue.Wake();

        Assert.Equal(job.Id, (await handler.NextTurnAsync()).Job.Id);
    }

    [Fact]
    public async Task Job_whose_key_runs_here_begins_when_that_one_ends()
    {
        var process = Process(new QueueOptions { Poll = Never });
        var first = await process.EnqueueAsync("keyed", "environment:1");
        var end = new TaskCompletionSource<JobOutcome>();
        var handler = new ScriptedHandler("keyed", context => context.Job.Id == first.Id ? end.Task : Task.FromResult(JobOutcome.Done));
        await process.StartWorkerAsync(2, handler);
        await handler.NextTurnAsync();

        var second = await process.EnqueueAsync("keyed", "environment:1");
        process.Queue.WakeFor("keyed", "environment:1");
        end.SetResult(JobOutcome.Done);

        Assert.Equal(second.Id, (await handler.NextTurnAsync()).Job.Id);
    }

    [Fact]
    public void Key_that_runs_here_wakes_nobody_until_its_turn_is_over()
    {
        var signal = Process().Signal;
        var job = new Job { Kind = "keyed", Payload = "{}", LockKey = "environment:1" };
        var woken = 0;
        using var sleeper = signal.OnWake(["keyed"], () => woken++);

        signal.Took(job);
        signal.WakeFor("keyed", "environment:1");
        Assert.Equal(0, woken);
        signal.Left(job);
        Assert.Equal(1, woken);
        signal.WakeFor("keyed", "environment:1");
        Assert.Equal(2, woken);
    }

    [Fact]
    public void Lane_is_woken_for_its_own_kinds_and_when_none_is_named()
    {
        var signal = Process().Signal;
        var woken = new List<string>();
        using var runners = signal.OnWake(["deployment"], () => woken.Add("runners"));
        using var errands = signal.OnWake(["backup", "notification"], () => woken.Add("errands"));

        signal.Wake("notification");
        signal.Wake("deployment");
        signal.Wake();

        Assert.Equal(["errands", "runners"], woken.Take(2));
        Assert.Equal(["errands", "runners"], woken.Skip(2).Order());
    }

    [Fact]
    public async Task Slow_poll_finds_what_no_signal_told_of()
    {
        var process = Process(new QueueOptions { Poll = TimeSpan.FromMilliseconds(100) });
        var handler = Quick("silent");
        await process.StartWorkerAsync(1, handler);

        var job = await process.EnqueueAsync("silent");

        Assert.Equal(job.Id, (await handler.NextTurnAsync()).Job.Id);
    }

    [Fact]
    public async Task Job_of_a_silent_worker_is_taken_when_its_lease_ends_and_not_at_the_next_look()
    {
        var process = Process(new QueueOptions { Poll = Never, Lease = Never });
        var job = await process.EnqueueAsync("silent");
        await process.ClaimOneAsync("dead", "silent");
        await process.ExecuteAsync($"UPDATE jobs SET leased_until = now() + interval '1 second' WHERE id = {job.Id}");
        var handler = new ScriptedHandler("silent", _ => Task.FromResult(JobOutcome.Done));

        await process.StartWorkerAsync(1, handler);
        await process.StartAsync(new JobRescuer(process.Room, new PlatformOptions(), NullLogger<JobRescuer>.Instance));

        Assert.Equal(2, (await handler.NextTurnAsync()).Job.Attempt);
    }

    [Fact]
    public async Task Exception_is_retried_later_with_its_error_and_does_not_end_the_loop()
    {
        var process = Process();
        var handler = new ScriptedHandler("throws", _ => throw new InvalidOperationException("disk is full"));
        var job = await process.EnqueueAsync("throws");
        var worker = await process.StartWorkerAsync(1, handler);
        await handler.NextTurnAsync();
        var second = await process.EnqueueAsync("throws");
        process.Queue.Wake();
        Assert.Equal(second.Id, (await handler.NextTurnAsync()).Job.Id);
        await worker.StopAsync(CancellationToken.None);

        var row = await process.ReadAsync(job.Id);
        Assert.Equal((JobState.Available, 1, "disk is full"), (row.State, row.Attempt, row.Error));
        Assert.True(row.RunAfter > row.CreatedAt.AddSeconds(1));
    }

    [Fact]
    public async Task Used_up_attempts_end_in_failed_after_the_handler_was_told()
    {
        var process = Process();
        var handler = new ScriptedHandler("hopeless", context => Task.FromResult(JobOutcome.RetryAt(DateTimeOffset.UtcNow, "no answer")));
        var job = await process.EnqueueAsync("hopeless", maxAttempts: 3);
        var worker = await process.StartWorkerAsync(1, handler);

        Assert.False((await handler.NextTurnAsync()).IsLastAttempt);
        await handler.NextTurnAsync();
        Assert.True((await handler.NextTurnAsync()).IsLastAttempt);
        await worker.StopAsync(CancellationToken.None);

        var row = await process.ReadAsync(job.Id);
        Assert.Equal(JobState.Failed, row.State);
        Assert.Equal("Given up after attempt 3 of 3: no answer", row.Error);
        Assert.Equal([row.Error], handler.GivenUp);
    }

    [Fact]
    public async Task Job_whose_workers_always_fall_silent_is_given_up_without_another_turn()
    {
        var process = Process();
        var job = await process.EnqueueAsync("killer", maxAttempts: 1);
        await process.ClaimOneAsync("gone", "killer");
        await process.ExpireAsync(job.Id);
        var told = new TaskCompletionSource();
        var handler = new ScriptedHandler("killer", _ => throw new InvalidOperationException("must not run")) { OnGiveUp = told.SetResult };

        var worker = await process.StartWorkerAsync(1, handler);
        await told.Task.WaitAsync(QueueProcess.Patience);
        await worker.StopAsync(CancellationToken.None);

        var row = await process.ReadAsync(job.Id);
        Assert.Equal(JobState.Failed, row.State);
        Assert.Equal("Given up after attempt 1 of 1: Its worker gone went silent during attempt 1.", row.Error);
    }

    [Fact]
    public async Task Discard_fails_at_once()
    {
        var process = Process();
        var handler = new ScriptedHandler("bad", _ => Task.FromResult(JobOutcome.Discard("no such project")));
        var job = await process.EnqueueAsync("bad");
        var worker = await process.StartWorkerAsync(1, handler);
        await handler.NextTurnAsync();
        await worker.StopAsync(CancellationToken.None);

        var row = await process.ReadAsync(job.Id);
        Assert.Equal((JobState.Failed, "no such project"), (row.State, row.Error));
    }

    [Fact]
    public async Task Cancel_from_another_process_reaches_the_running_job_at_once()
    {
        var (web, process) = (Process(), Process(new QueueOptions { Poll = Never, Lease = Never, Renew = Never / 3 }));
        var handler = ScriptedHandler.Endless("long");
        await web.ListenAsync();
        await process.ListenAsync();
        var job = await web.EnqueueAsync("long");
        var worker = await process.StartWorkerAsync(1, handler);
        var turn = await handler.NextTurnAsync();

        Assert.Equal(CancelAnswer.Asked, await web.Queue.CancelAsync(job.Id, CancellationToken.None));
        await Fired(turn.Stopping);
        await worker.StopAsync(CancellationToken.None);

        Assert.Equal(StopReason.CancelRequested, turn.Reason);
        Assert.Equal(JobState.Cancelled, (await process.ReadAsync(job.Id)).State);
    }

    [Fact]
    public async Task Cancelled_job_of_a_dead_worker_is_wound_up_by_the_next_one()
    {
        var process = Process();
        var job = await process.EnqueueAsync("half");
        await process.ClaimOneAsync("gone", "half");
        await process.Queue.CancelAsync(job.Id, CancellationToken.None);
        await process.ExpireAsync(job.Id);
        var handler = new ScriptedHandler("half", context => Task.FromResult(context.Reason == StopReason.CancelRequested ? JobOutcome.Interrupted : JobOutcome.Done));

        var worker = await process.StartWorkerAsync(1, handler);
        await handler.NextTurnAsync();
        await worker.StopAsync(CancellationToken.None);

        Assert.Equal(JobState.Cancelled, (await process.ReadAsync(job.Id)).State);
    }

    [Fact]
    public async Task Stop_lets_running_jobs_finish_and_takes_no_more()
    {
        var process = Process(new QueueOptions { Grace = Never });
        var finish = new TaskCompletionSource();
        var handler = new ScriptedHandler("slow", async context =>
        {
            await finish.Task.WaitAsync(context.Stopping);
            return JobOutcome.Done;
        });
        var running = await process.EnqueueAsync("slow");
        var worker = await process.StartWorkerAsync(1, handler);
        await handler.NextTurnAsync();
        var waiting = await process.EnqueueAsync("slow");

        var stopping = worker.StopAsync(CancellationToken.None);
        process.Queue.Wake();
        Assert.False(stopping.IsCompleted);
        finish.SetResult();
        await stopping.WaitAsync(QueueProcess.Patience);

        Assert.Equal(JobState.Completed, (await process.ReadAsync(running.Id)).State);
        Assert.Equal((JobState.Available, 0), ((await process.ReadAsync(waiting.Id)) is var row ? row.State : default, row.Attempt));
    }

    [Fact]
    public async Task Stop_interrupts_after_the_grace_and_hands_back_without_counting_the_attempt()
    {
        var process = Process(new QueueOptions { Grace = TimeSpan.Zero });
        var handler = ScriptedHandler.Endless("long");
        var job = await process.EnqueueAsync("long", maxAttempts: 1);
        var worker = await process.StartWorkerAsync(1, handler);
        var turn = await handler.NextTurnAsync();

        await worker.StopAsync(CancellationToken.None);

        Assert.Equal(StopReason.HouseStopping, turn.Reason);
        Assert.Equal(JobState.Available, (await process.ReadAsync(job.Id)).State);
        var next = Quick("long");
        await Process().StartWorkerAsync(1, next);
        Assert.Equal(job.Id, (await next.NextTurnAsync()).Job.Id);
    }

    [Fact]
    public async Task Handed_back_job_wakes_the_worker_of_another_process()
    {
        var closing = Process(new QueueOptions { Grace = TimeSpan.Zero, Poll = Never });
        var other = Process(new QueueOptions { Poll = Never });
        await closing.ListenAsync();
        await other.ListenAsync();
        var first = ScriptedHandler.Endless("moved");
        var job = await closing.EnqueueAsync("moved");
        await closing.StartWorkerAsync(1, first);
        await first.NextTurnAsync();
        var second = Quick("moved");
        await other.StartWorkerAsync(1, second);

        _processes.Remove(closing);
        await closing.DisposeAsync();

        Assert.Equal(job.Id, (await second.NextTurnAsync()).Job.Id);
    }

    [Fact]
    public async Task Failure_of_a_job_that_is_being_stopped_is_not_its_failure()
    {
        var process = Process(new QueueOptions { Grace = TimeSpan.Zero });
        var handler = new ScriptedHandler("breaks", async context =>
        {
            await Fired(context.Stopping);
            throw new IOException("the process was killed");
        });
        var job = await process.EnqueueAsync("breaks", maxAttempts: 1);
        var worker = await process.StartWorkerAsync(1, handler);
        await handler.NextTurnAsync();

        await worker.StopAsync(CancellationToken.None);

        Assert.Equal((JobState.Available, null), ((await process.ReadAsync(job.Id)) is var row ? row.State : default, row.Error));
    }

    [Fact]
    public async Task Process_that_is_no_worker_takes_nothing()
    {
        var process = Process();
        var runner = new JobRunner(process.Room, new JobHandlers([]), Microsoft.Extensions.Logging.Abstractions.NullLogger<JobRunner>.Instance);
        using var worker = new JobWorker(
            process.Room, runner, new DevOps.Infrastructure.PlatformOptions { Roles = "web" }, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobWorker>.Instance);

        await worker.StartAsync(CancellationToken.None);
        await worker.ExecuteTask!.WaitAsync(QueueProcess.Patience);

        Assert.False(worker.Heartbeat.Expected);
    }

    private static ScriptedHandler Quick(string kind) => new(kind, _ => Task.FromResult(JobOutcome.Done));

    private static async Task Fired(CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(fired.SetResult);
        await fired.Task.WaitAsync(QueueProcess.Patience, CancellationToken.None);
    }

    private static Task FillAsync(QueueProcess process, string sql) => process.ExecuteAsync(sql);

    private QueueProcess Process(QueueOptions? options = null)
    {
        var process = new QueueProcess(_postgres.ConnectionString, options);
        _processes.Add(process);
        return process;
    }

    private async Task StopAllAsync()
    {
        foreach (var process in _processes)
        {
            await process.StopAsync();
        }
    }

    private async Task<long> CountAsync(string condition)
    {
        await using var command = _postgres.DataSource.CreateCommand($"SELECT count(*) FROM jobs WHERE {condition}");
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
