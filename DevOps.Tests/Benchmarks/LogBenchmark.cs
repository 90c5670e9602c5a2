using System.Diagnostics;
using System.Globalization;
using System.Text;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Npgsql;
using NpgsqlTypes;

namespace DevOps.Tests.Benchmarks;

/// <summary>The log, masked, stored and readable, beside the same bytes through a pipe and copied into a bare table.</summary>
internal static class LogBenchmark
{
    private const int Lines = 200_000;
    private const int Secrets = 20;
    private const int Latencies = 200;
    private const int Repetitions = 3;

    public static async Task RunAsync(TextWriter output)
    {
        var (cluster, folder) = await PostgresFixture.OwnClusterAsync();
        try
        {
            await using var database = NpgsqlDataSource.Create(cluster.ConnectionString);
            await new DatabaseMigrator(database, PostgresFixture.ContextsOn(database)).RunAsync(CancellationToken.None);
            await using var room = new LogRoom(cluster.ConnectionString);
            var bytes = Text();
            await output.WriteLineAsync($"{Lines} lines, {bytes.Length / 1024.0 / 1024.0:F1} MiB, {Secrets} secrets, median of {Repetitions}");
            await output.WriteLineAsync();
            await output.WriteLineAsync("| what | seconds | lines/s |");
            await output.WriteLineAsync("|---|---|---|");
            await ReportAsync(output, "cat file, wc -l", () => PipeAsync(folder, bytes));
            await ReportAsync(output, "COPY into a bare table, a row per line", () => CopyAsync(database, bytes));
            long last = 0;
            await ReportAsync(output, "written, masked, stored (chunks of 8 KiB)", async () => last = await WriteAsync(room, database, bytes));
            await ReportAsync(output, "the same, seen to its end by a follower", async () => await FollowAsync(room, database, bytes));
            await ReportAsync(output, "read back in order", () => ReadAsync(room, last));
            await ReportAsync(output, "searched whole", () => room.Search.FindAsync(last, "no such text", LogFilter.All, 1, CancellationToken.None));
            await output.WriteLineAsync();
            await output.WriteLineAsync(await SizesAsync(database, last));
            await output.WriteLineAsync(await LatencyAsync(room, database));
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }

        await output.WriteLineAsync();
        await LogIngest.RunAsync(output);
    }

    private static byte[] Text() => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, Lines)
        .Select(n => string.Create(CultureInfo.InvariantCulture, $"[{n * 37 % 1000:000}] \u001b[32mcompiled\u001b[0m src/module-{n % 977}/file-{n}.ts in {n % 89} ms\n"))));

    private static async Task ReportAsync(TextWriter output, string what, Func<Task> action)
    {
        var times = new List<double>();
        for (var n = 0; n < Repetitions; n++)
        {
            var clock = Stopwatch.StartNew();
            await action();
            times.Add(clock.Elapsed.TotalSeconds);
        }

        times.Sort();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {what} | {times[times.Count / 2]:F2} | {Lines / times[times.Count / 2]:F0} |"));
    }

    private static async Task PipeAsync(string folder, byte[] bytes)
    {
        var file = Path.Combine(folder, "lines.txt");
        await File.WriteAllBytesAsync(file, bytes);
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "cat \"$1\" | wc -l", "sh", file }, RedirectStandardOutput = true, UseShellExecute = false };
        using var pipe = Process.Start(start)!;
        await pipe.StandardOutput.ReadToEndAsync();
        await pipe.WaitForExitAsync();
    }

    private static async Task CopyAsync(NpgsqlDataSource database, byte[] bytes)
    {
        await LogRows.ExecuteAsync(database, "DROP TABLE IF EXISTS bare_lines; CREATE TABLE bare_lines (n bigint PRIMARY KEY, at timestamptz NOT NULL, text text NOT NULL)");
        await using var connection = await database.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync("COPY bare_lines FROM STDIN (FORMAT binary)");
        var n = 0L;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n').SkipLast(1))
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(++n, NpgsqlDbType.Bigint);
            await copy.WriteAsync(DateTime.UtcNow, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(line, NpgsqlDbType.Text);
        }

        await copy.CompleteAsync();
    }

    private static async Task<long> WriteAsync(LogRoom room, NpgsqlDataSource database, byte[] bytes, long? deployment = null)
    {
        const int Chunk = 8192;
        var id = deployment ?? await LogRows.DeploymentAsync(database);
        var fence = await LogRows.FenceAsync(database);
        await using var log = await room.OpenAsync(id, fence, [.. Enumerable.Range(0, Secrets).Select(n => $"s3cr3t-{n}-{n * 7919:x8}-value")]);
        var build = log.For("build", null);
        for (var at = 0; at < bytes.Length; at += Chunk)
        {
            await build.WriteAsync(LogStream.Out, bytes.AsMemory(at, Math.Min(Chunk, bytes.Length - at)), CancellationToken.None);
        }

        await log.CompleteAsync(CancellationToken.None);
        return id;
    }

    private static async Task FollowAsync(LogRoom room, NpgsqlDataSource database, byte[] bytes)
    {
        var id = await LogRows.DeploymentAsync(database);
        var following = Task.Run(async () =>
        {
            long seen = 0;
            await foreach (var batch in room.Follower.FollowAsync(LogRoom.Viewer, id, 1, CancellationToken.None))
            {
                seen += batch.Lines.Count;
            }

            return seen;
        });
        await WriteAsync(room, database, bytes, id);
        if (await following != Lines)
        {
            throw new InvalidOperationException("The follower lost lines.");
        }
    }

    private static async Task ReadAsync(LogRoom room, long id)
    {
        var expected = 1L;
        await foreach (var line in room.Reader.AllAsync(id, LogFilter.All, 1, CancellationToken.None))
        {
            if (line.N != expected++)
            {
                throw new InvalidOperationException("Lines are missing.");
            }
        }
    }

    private static async Task<string> SizesAsync(NpgsqlDataSource database, long id)
    {
        await using var query = database.CreateCommand("SELECT count(*), sum(octet_length(payload)), pg_total_relation_size('bare_lines') FROM log_chunks WHERE deployment_id = $1");
        query.Parameters.AddWithValue(id);
        await using var row = await query.ExecuteReaderAsync();
        await row.ReadAsync();
        return string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0)} rows of {row.GetDecimal(1) / 1024 / 1024:F1} MiB in all (bare table: {row.GetInt64(2) / 1024.0 / 1024.0:F1} MiB); managed memory {GC.GetTotalMemory(forceFullCollection: true) / 1024 / 1024} MiB after, peak working set {Process.GetCurrentProcess().PeakWorkingSet64 / 1024 / 1024} MiB");
    }

    // From the write of a line to its arrival at a follower, one line at a time.
    private static async Task<string> LatencyAsync(LogRoom room, NpgsqlDataSource database)
    {
        var id = await LogRows.DeploymentAsync(database);
        await using var log = await room.OpenAsync(id);
        await using var follower = room.Follower.FollowAsync(LogRoom.Viewer, id, 1, CancellationToken.None).GetAsyncEnumerator();
        var times = new List<double>();
        for (var n = 0; n < Latencies; n++)
        {
            var clock = Stopwatch.StartNew();
            var next = follower.MoveNextAsync();
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes("a line\n"), CancellationToken.None);
            await next;
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"one line to a follower, ms p50/p99: {times[Latencies / 2]:F1} / {times[Latencies * 99 / 100]:F1} (batches are gathered for up to 100 ms)");
    }
}
