using System.Diagnostics;
using System.Globalization;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Queue;
using Npgsql;

namespace DevOps.Tests.Benchmarks;

/// <summary>The queue beside the least one could write instead, on the same server (without <c>fsync</c>: what is compared is the statements).</summary>
internal static class QueueBenchmark
{
    private const int Jobs = 12000;
    private const int Workers = 8;
    private const int Warming = 1000;
    private const int Latencies = 300;
    private const int Repetitions = 3;

    // Further than words to other processes are gathered.
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(60);

    public static async Task RunAsync(TextWriter output)
    {
        var (cluster, folder) = await PostgresFixture.OwnClusterAsync();
        try
        {
            await using var database = PlatformDatabase.Open(cluster.ConnectionString);
            await new DatabaseMigrator(database, PostgresFixture.ContextsOn(database)).RunAsync(CancellationToken.None);
            await BareQueue.MakeAsync(database);
            // First: the server counts with delay, and nothing else has happened yet.
            await output.WriteLineAsync($"idle worker: {await IdleAsync(cluster, database)} transactions a second");
            await output.WriteLineAsync();
            await output.WriteLineAsync($"| finished rows | take and finish /s, median of {Repetitions}: bare | queue | worker | start after ms, p50/p99: bare NOTIFY | queue, same process | queue, other process |");
            await output.WriteLineAsync("|---|---|---|---|---|---|---|");
            foreach (var finished in new[] { 0, 1_000_000 })
            {
                await FinishManyAsync(database, finished);
                await output.WriteLineAsync(await RowAsync(cluster, database, finished));
            }
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RowAsync(PostgresCluster cluster, NpgsqlDataSource database, int finished)
    {
        var (bare, queue, worker) = (new List<double>(), new List<double>(), new List<double>());
        for (var n = 0; n < Repetitions; n++)
        {
            bare.Add(await BareQueue.DrainAsync(database, Jobs, Workers));
            queue.Add(await DrainByHandAsync(cluster, database));
            worker.Add(await DrainByWorkerAsync(cluster, database));
        }

        var bareLatency = await BareQueue.LatencyAsync(database, Latencies, Apart);
        var same = await LatencyAsync(cluster, otherProcess: false);
        var other = await LatencyAsync(cluster, otherProcess: true);
        return string.Create(CultureInfo.InvariantCulture, $"| {finished} | {Measure.Median(bare):F0} | {Measure.Median(queue):F0} | {Measure.Median(worker):F0} | {Both(bareLatency)} | {Both(same)} | {Both(other)} |");
    }

    private static string Both(List<double> milliseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{Measure.Median(milliseconds):F1} / {Measure.Percentile(milliseconds, 99):F1}");

    private static Task FillAsync(NpgsqlDataSource database, int jobs) => ExecuteAsync(
        database,
        "INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at, lock_key) "
        + $"SELECT 'bench', '{{}}', 'available', 0, now(), 0, 5, now(), 'key' || n FROM generate_series(1, {jobs}) n");

    private static async Task<double> DrainByHandAsync(PostgresCluster cluster, NpgsqlDataSource database)
    {
        await using var process = new QueueProcess(cluster.ConnectionString);
        Task DrainAsync() => Task.WhenAll(Enumerable.Range(0, Workers).Select(n => Task.Run(async () =>
        {
            while (await process.ClaimOneAsync($"w{n}", "bench") is { } job)
            {
                await process.Queue.CompleteAsync(new JobFence(job.Id, job.Attempt, job.LeasedBy!), CancellationToken.None);
            }
        })));
        await FillAsync(database, Warming);
        await DrainAsync();
        await FillAsync(database, Jobs);
        var clock = Stopwatch.StartNew();
        await DrainAsync();
        return Jobs / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> DrainByWorkerAsync(PostgresCluster cluster, NpgsqlDataSource database)
    {
        await using var process = new QueueProcess(cluster.ConnectionString);
        var left = Warming;
        var all = new TaskCompletionSource();
        await FillAsync(database, Warming);
        await process.StartWorkerAsync(Workers, new ScriptedHandler("bench", _ =>
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                all.SetResult();
            }

            return Task.FromResult(JobOutcome.Done);
        }));
        await all.Task;
        (left, all) = (Jobs, new TaskCompletionSource());
        await FillAsync(database, Jobs);
        var clock = Stopwatch.StartNew();
        process.Queue.Wake();
        await all.Task;
        return Jobs / clock.Elapsed.TotalSeconds;
    }

    private static async Task<List<double>> LatencyAsync(PostgresCluster cluster, bool otherProcess)
    {
        await using var worker = new QueueProcess(cluster.ConnectionString);
        await using var web = new QueueProcess(cluster.ConnectionString);
        await worker.ListenAsync();
        await web.ListenAsync();
        var handler = new ScriptedHandler("bench", _ => Task.FromResult(JobOutcome.Done));
        await worker.StartWorkerAsync(1, handler);
        var from = otherProcess ? web : worker;
        var times = new List<double>();
        for (var n = 0; n < Latencies; n++)
        {
            var clock = Stopwatch.StartNew();
            await from.EnqueueAsync("bench");
            from.Queue.Wake();
            await handler.NextTurnAsync();
            times.Add(clock.Elapsed.TotalMilliseconds);
            await Task.Delay(Apart);
        }

        return times;
    }

    private static async Task<string> IdleAsync(PostgresCluster cluster, NpgsqlDataSource database)
    {
        await using var process = new QueueProcess(cluster.ConnectionString);
        await process.ListenAsync();
        await process.StartWorkerAsync(Workers, ScriptedHandler.Endless("bench"));
        const int seconds = 20;
        await Task.Delay(TimeSpan.FromSeconds(12)); // The server counts with delay: up to ten seconds for a connection that rests.
        var before = await TransactionsAsync(database);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        return ((await TransactionsAsync(database) - before) / (double)seconds).ToString("F1", CultureInfo.InvariantCulture);
    }

    private static async Task<long> TransactionsAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task FinishManyAsync(NpgsqlDataSource database, int rows)
    {
        await ExecuteAsync(
            database,
            "TRUNCATE jobs; INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at, finished_at, lock_key) "
            + $"SELECT 'bench', '{{}}', 'completed', 0, now(), 1, 5, now(), now(), 'key' || n % 1000 FROM generate_series(1, {rows}) n");
        await ExecuteAsync(database, "VACUUM ANALYZE jobs");
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }
}
