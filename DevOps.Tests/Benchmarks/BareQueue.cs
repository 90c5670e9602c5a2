using System.Diagnostics;
using Npgsql;

namespace DevOps.Tests.Benchmarks;

/// <summary>The least queue one could write by hand: one table, SKIP LOCKED, NOTIFY in the inserting transaction. No leases, no keys, no order per key.</summary>
internal static class BareQueue
{
    private const string Take = """
        UPDATE bare SET taken = true
        WHERE id = (SELECT id FROM bare WHERE NOT taken ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id
        """;

    public static async Task MakeAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("""
            CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL, taken boolean NOT NULL DEFAULT false, done boolean NOT NULL DEFAULT false);
            CREATE INDEX bare_free ON bare (id) WHERE NOT taken
            """);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<double> DrainAsync(NpgsqlDataSource database, int jobs, int workers)
    {
        await using (var fill = database.CreateCommand($"INSERT INTO bare (payload) SELECT '{{}}' FROM generate_series(1, {jobs})"))
        {
            await fill.ExecuteNonQueryAsync();
        }

        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            while (await TakeAsync(database) is { } id)
            {
                await using var finish = database.CreateCommand("UPDATE bare SET done = true WHERE id = $1");
                finish.Parameters.AddWithValue(id);
                await finish.ExecuteNonQueryAsync();
            }
        })));
        return jobs / clock.Elapsed.TotalSeconds;
    }

    /// <summary>From an INSERT and its NOTIFY to the claim, one now and then: what comes alone finds nothing warm.</summary>
    public static async Task<List<double>> LatencyAsync(NpgsqlDataSource database, int count, TimeSpan apart)
    {
        await using var listener = await database.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("LISTEN bare", listener))
        {
            await listen.ExecuteNonQueryAsync();
        }

        var times = new List<double>();
        for (var n = 0; n < count; n++)
        {
            var clock = Stopwatch.StartNew();
            await using var insert = database.CreateCommand("WITH i AS (INSERT INTO bare (payload) VALUES ('{}') RETURNING id) SELECT pg_notify('bare', id::text) FROM i");
            await insert.ExecuteNonQueryAsync();
            await listener.WaitAsync();
            await TakeAsync(database);
            times.Add(clock.Elapsed.TotalMilliseconds);
            await Task.Delay(apart);
        }

        return times;
    }

    private static async Task<object?> TakeAsync(NpgsqlDataSource database)
    {
        await using var take = database.CreateCommand(Take);
        return await take.ExecuteScalarAsync();
    }
}
