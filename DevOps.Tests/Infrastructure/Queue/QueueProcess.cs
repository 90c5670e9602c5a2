using DevOps.Core.Queue;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>The queue as one process has it: its own data source, signals, and (when started) worker.</summary>
internal sealed class QueueProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<Microsoft.Extensions.Hosting.BackgroundService> _services = [];

    public QueueProcess(string connectionString, QueueOptions? options = null, TimeProvider? time = null)
    {
        Options = options ?? new QueueOptions();
        Database = PlatformDatabase.Open(connectionString);
        Contexts = PostgresFixture.ContextsOn(Database);
        Signals = new DatabaseSignals(Database, TimeProvider.System, NullLogger<DatabaseSignals>.Instance);
        Signal = new JobSignal(Signals);
        Queue = new JobQueue(Database, Signal, Options);
        Room = new QueueRoom(Database, Queue, Signal, Options, time ?? TimeProvider.System);
    }

    public QueueOptions Options { get; }

    public NpgsqlDataSource Database { get; }

    public IDbContextFactory<DevOpsDbContext> Contexts { get; }

    public DatabaseSignals Signals { get; }

    public JobSignal Signal { get; }

    public JobQueue Queue { get; }

    public QueueRoom Room { get; }

    public async Task<Job> EnqueueAsync(NewJob job)
    {
        await using var db = await Contexts.CreateDbContextAsync();
        return await JobQueue.EnqueueAsync(db, job, CancellationToken.None);
    }

    public Task<Job> EnqueueAsync(string kind, string? key = null, int priority = 0, int maxAttempts = 5) =>
        EnqueueAsync(new NewJob(kind, "{}") { LockKey = key, Priority = priority, MaxAttempts = maxAttempts });

    public async Task<Job?> ClaimOneAsync(string worker, params string[] kinds) =>
        (await Queue.ClaimAsync(worker, 1, kinds, CancellationToken.None)).SingleOrDefault();

    public async Task<Job> ReadAsync(long id)
    {
        await using var db = await Contexts.CreateDbContextAsync();
        return await db.Jobs.AsNoTracking().SingleAsync(j => j.Id == id);
    }

    /// <summary>Ends the lease as time would.</summary>
    public async Task ExpireAsync(long id)
    {
        await using var command = Database.CreateCommand($"UPDATE jobs SET leased_until = now() - interval '1 second' WHERE id = {id}");
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts the listener and waits until it hears.</summary>
    public async Task ListenAsync()
    {
        var hears = new TaskCompletionSource();
        using var _ = Signals.On("jobs", payload => hears.TrySetResult());
        await StartAsync(Signals);
        await hears.Task.WaitAsync(Patience);
    }

    public async Task<JobWorker> StartWorkerAsync(int runners, params IJobHandler[] handlers)
    {
        var runner = new JobRunner(Room, new JobHandlers(handlers), NullLogger<JobRunner>.Instance);
        var worker = new JobWorker(Room, runner, new PlatformOptions { Runners = runners }, NullLogger<JobWorker>.Instance);
        await StartAsync(worker);
        return worker;
    }

    public async Task StartAsync(Microsoft.Extensions.Hosting.BackgroundService service)
    {
        _services.Insert(0, service);
        await service.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        foreach (var service in _services)
        {
            await service.StopAsync(CancellationToken.None);
            service.Dispose();
        }

        _services.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();

        Signal.Dispose();
        await Database.DisposeAsync();
    }
}
