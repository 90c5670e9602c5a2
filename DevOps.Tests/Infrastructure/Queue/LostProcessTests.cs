using DevOps.Core.Queue;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>Real processes that die or stand still, and a real database that goes away.</summary>
public sealed class LostProcessTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Job_of_a_killed_process_is_taken_over()
    {
        await using var process = new QueueProcess(postgres.ConnectionString, QueueChild.Options);
        await using var child = QueueChild.Start(postgres.ConnectionString);
        var job = await process.EnqueueAsync(QueueChild.Kind);
        Assert.Equal("running attempt 1", await child.NextLineAsync());

        child.KillHard();
        await process.ExpireAsync(job.Id);
        var handler = new ScriptedHandler(QueueChild.Kind, _ => Task.FromResult(JobOutcome.Done));
        var worker = await process.StartWorkerAsync(1, handler);
        var turn = await handler.NextTurnAsync();
        await worker.StopAsync(CancellationToken.None);

        Assert.Equal((job.Id, 2), (turn.Job.Id, turn.Job.Attempt));
        Assert.Equal(JobState.Completed, (await process.ReadAsync(job.Id)).State);
    }

    [Fact]
    public async Task Process_that_stood_still_drops_its_job_and_may_not_write_its_end()
    {
        await using var process = new QueueProcess(postgres.ConnectionString, QueueChild.Options);
        await using var child = QueueChild.Start(postgres.ConnectionString);
        var job = await process.EnqueueAsync(QueueChild.Kind);
        Assert.Equal("running attempt 1", await child.NextLineAsync());

        await child.SignalAsync("STOP");
        await process.ExpireAsync(job.Id);
        var release = new TaskCompletionSource();
        var handler = new ScriptedHandler(QueueChild.Kind, async context =>
        {
            await release.Task.WaitAsync(context.Stopping);
            return JobOutcome.Done;
        });
        var worker = await process.StartWorkerAsync(1, handler);
        await handler.NextTurnAsync();
        await child.SignalAsync("CONT");

        Assert.Equal("stopped LeaseLost", await child.NextLineAsync());
        Assert.Equal("finish False", await child.NextLineAsync());
        release.SetResult();
        await worker.StopAsync(CancellationToken.None);
        var row = await process.ReadAsync(job.Id);
        Assert.Equal((JobState.Completed, 2), (row.State, row.Attempt));
    }

    [Fact]
    public async Task Everything_goes_on_after_the_database_was_away()
    {
        // A durable one: a power cut must not lose what was committed.
        var folder = Directory.CreateTempSubdirectory("pgt").FullName;
        var cluster = await PostgresCluster.StartAsync(folder, durable: true, CancellationToken.None);
        try
        {
            await using (var database = NpgsqlDataSource.Create(cluster.ConnectionString))
            {
                await new DatabaseMigrator(database, PostgresFixture.ContextsOn(database)).RunAsync(CancellationToken.None);
            }

            await GoAwayAndComeBackAsync(cluster);
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task GoAwayAndComeBackAsync(PostgresCluster cluster)
    {
        // A lease longer than the outage: what ran goes on and its end is written afterwards.
        await using var process = new QueueProcess(cluster.ConnectionString, new QueueOptions { Lease = TimeSpan.FromMinutes(5) });
        await process.ListenAsync();
        var release = new TaskCompletionSource();
        var handler = new ScriptedHandler("through", async context =>
        {
            await release.Task.WaitAsync(context.Stopping);
            return JobOutcome.Done;
        });
        var job = await process.EnqueueAsync("through");
        var worker = await process.StartWorkerAsync(2, handler);
        await handler.NextTurnAsync();
        var heardAgain = new TaskCompletionSource();

        await cluster.StopAsync(immediate: true);
        release.SetResult();
        process.Queue.Wake();
        using var hears = process.Signals.On("jobs", payload => heardAgain.TrySetResult());
        await cluster.StartAsync(CancellationToken.None);

        await heardAgain.Task.WaitAsync(QueueProcess.Patience);
        var second = await process.EnqueueAsync("through");
        process.Queue.Wake();
        Assert.Equal(second.Id, (await handler.NextTurnAsync()).Job.Id);
        await worker.StopAsync(CancellationToken.None);
        Assert.Equal((JobState.Completed, 1), ((await process.ReadAsync(job.Id)) is var row ? row.State : default, row.Attempt));
    }
}
