using System.Globalization;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Chaos;
using DevOps.Tests.Fixtures;
using Npgsql;

namespace DevOps.Tests.Benchmarks;

/// <summary>How soon an accepted deployment runs, beside a bare INSERT + NOTIFY + claim on the same server, and where each millisecond of a whole one goes.
/// The bare one is tried three hundred times, 20 ms apart, and once before each deployment, when as little of it is warm.
/// All parts are real, and the database syncs to disk as it does for users.</summary>
internal static class DeploymentBenchmark
{
    private const int Deployments = 30;
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(20);

    private const string Start = "SELECT started_at FROM deployment_steps WHERE deployment_id = $1 AND name = 'checkout'";

    private const string Steps = """
        WITH chosen AS (SELECT id, created_at, started_at, finished_at FROM deployments WHERE status = 'succeeded' ORDER BY id DESC LIMIT $1),
        timed AS (
            SELECT d.id, s.name, coalesce(s.server, '') AS server, min(s.position) OVER (PARTITION BY s.name) AS place, extract(epoch FROM s.finished_at - s.started_at)::float8 * 1000 AS ms
            FROM chosen d JOIN deployment_steps s ON s.deployment_id = d.id WHERE s.started_at IS NOT NULL),
        per AS (SELECT id, name, min(place) AS place, sum(ms) AS ms FROM timed GROUP BY id, name)
        SELECT name, min(place) AS place, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM per GROUP BY name
        UNION ALL SELECT 'from asked for to taken up', -2, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - created_at)::float8 * 1000) FROM chosen
        UNION ALL SELECT 'from taken up to finished', 1000, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)::float8 * 1000) FROM chosen
        UNION ALL SELECT 'of these in no step', 1001, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)::float8 * 1000 - (SELECT sum(ms) FROM per WHERE per.id = chosen.id)) FROM chosen
        ORDER BY place
        """;

    public static async Task RunAsync(TextWriter output)
    {
        var room = new FaultRoom { Durable = true };
        await room.InitializeAsync();
        try
        {
            await BareQueue.MakeAsync(room.Database);
            var bare = await BareQueue.LatencyAsync(room.Database, 300, Apart);
            var (between, fromSent, fromAccepted) = (new List<double>(), new List<double>(), new List<double>());
            for (var n = 0; n < Deployments; n++)
            {
                room.Commit();
                between.AddRange(await BareQueue.LatencyAsync(room.Database, 1, Apart));
                var sent = DateTime.UtcNow;
                var id = await room.RequestAsync();
                var accepted = DateTime.UtcNow;
                var began = await BeganAsync(room.Database, id);
                await room.EndAsync(id);
                fromSent.Add((began - sent).TotalMilliseconds);
                fromAccepted.Add(Math.Max(0, (began - accepted).TotalMilliseconds));
            }

            await output.WriteLineAsync("| from … to …, ms | p50 | p99 | × of the first, p50 / p99 | × of the second |");
            await output.WriteLineAsync("|---|---|---|---|---|");
            foreach (var (name, ms) in new[]
            {
                ("bare INSERT + NOTIFY to claim, 20 ms apart", bare), ("the same, one before each deployment", between),
                ("POST accepted, to the first step running", fromAccepted), ("POST sent, to the first step running", fromSent),
            })
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Measure.Median(ms):F1} | {Measure.Percentile(ms, 99):F1} | {Times(ms, bare)} | {Times(ms, between)} |"));
            }

            await output.WriteLineAsync();
            await output.WriteLineAsync("| where a deployment to one server after the other (2 of them) spends its time | median ms |");
            await output.WriteLineAsync("|---|---|");
            await ProfileAsync(output, room.Database);
            await output.WriteLineAsync();
        }
        finally
        {
            await room.DisposeAsync();
        }
    }

    // Looked for now and then: who follows a deployment from the first moment takes part of the same two cores, and the bare queue has no follower either.
    private static async Task<DateTime> BeganAsync(NpgsqlDataSource database, long id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
            await using var start = database.CreateCommand(Start);
            start.Parameters.AddWithValue(id);
            if (await start.ExecuteScalarAsync() is DateTime began)
            {
                return began;
            }
        }
    }

    private static string Times(IReadOnlyCollection<double> ms, IReadOnlyCollection<double> baseline) => string.Create(
        CultureInfo.InvariantCulture, $"{Measure.Median(ms) / Measure.Median(baseline):F1} / {Measure.Percentile(ms, 99) / Measure.Percentile(baseline, 99):F1}");

    private static async Task ProfileAsync(TextWriter output, NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(Steps);
        command.Parameters.AddWithValue(Deployments);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {rows.GetString(0)} | {rows.GetDouble(2):F1} |"));
        }
    }
}
