using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DevOps.Core.Environments;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.EndToEnd;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Tests.Benchmarks;

/// <summary>Signed GitHub pushes, accepted, stored and their jobs started by the platform in a process of its own, on a database that syncs to disk; beside it what there was
/// before (when it lies beside the checkout and its programs are installed), and the least a program could do: one INSERT and NOTIFY of the same bytes.
/// Here a push waits while its environment deploys, and a newer one takes its place: the rest of the jobs is not lost, but done with.</summary>
internal static class WebhookBenchmark
{
    private const int Connections = 8;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    // Until the code that runs is compiled for good.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(TextWriter output)
    {
        var body = Body();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{body.Length} bytes, {Connections} connections, {Measured.TotalSeconds:F0} s each"));
        await output.WriteLineAsync();
        await output.WriteLineAsync("| | accepted /s | p50 ms | p99 ms | times the first | jobs |");
        await output.WriteLineAsync("|---|---|---|---|---|---|");
        double? first = null;
        if (await SeedStack.StartAsync() is { } seed)
        {
            await using (seed)
            {
                var load = await LoadAsync([(seed.Address, SeedStack.Secret)], body, HttpStatusCode.OK, Short);
                await WriteAsync("FastAPI + SQLAlchemy/SQLite + Celery/Redis", load, string.Create(CultureInfo.InvariantCulture, $"{100.0 * seed.Started / load.Sent:F0} % started"));
            }
        }

        var folder = Directory.CreateTempSubdirectory("hookbench").FullName;
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var cluster = await PostgresCluster.StartAsync(folder, durable: true, CancellationToken.None);
        try
        {
            await WriteAsync("one INSERT and NOTIFY of the same bytes, by hand", await BareAsync(cluster.ConnectionString, body), "");
            await using var platform = await PlatformProcess.StartAsync(Path.Combine(folder, "data"), cluster.ConnectionString, "unix:///nowhere.sock");
            foreach (var projects in (int[])[Connections, 1])
            {
                var load = await LoadAsync(await DoorsAsync(platform, cluster.ConnectionString, projects, silent), body, HttpStatusCode.Accepted, projects > 1 ? Long : Short);
                await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"this platform, {projects} environment{(projects > 1 ? "s" : "")}"), load, await JobsAsync(cluster.ConnectionString, projects));
            }
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }

        async Task WriteAsync(string name, Load load, string jobs)
        {
            first ??= load.PerSecond;
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {name} | {load.PerSecond:F0} | {load.Percentile(50):F1} | {load.Percentile(99):F1} | {load.PerSecond / first:F1} | {jobs} |"));
        }
    }

    private static async Task<List<(Uri Address, string Secret)>> DoorsAsync(PlatformProcess platform, string database, int projects, TcpListener silent)
    {
        var doors = new List<(Uri Address, string Secret)>();
        for (var n = 0; n < projects; n++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"bench-{projects}-{n}");
            await platform.SendAsync(HttpMethod.Post, "projects", new { key, repository = new { url = $"https://{silent.LocalEndpoint}/shop.git" }, deploy = new { path = $"/srv/{key}" } });
            await platform.SendAsync(HttpMethod.Post, "credentials", new { name = key, kind = "password", value = "of nobody" });
            await SeedServerAsync(database, key);
            await platform.SendAsync(HttpMethod.Put, $"projects/{key}/environments/production", new { servers = new[] { key }, autoDeploy = true });
            var secret = (await platform.SendAsync(HttpMethod.Post, $"projects/{key}/webhook-secret")).GetProperty("secret").GetString()!;
            doors.Add((new Uri(platform.Client.BaseAddress!, $"/webhooks/github/{key}"), secret));
        }

        return doors;
    }

    // The git server says nothing: who began goes on waiting for it, as for a build that takes its time.
    private static async Task<string> JobsAsync(string database, int projects)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT count(*) FILTER (WHERE d.started_at IS NOT NULL), count(*) FILTER (WHERE d.status = 'superseded'), count(*) FILTER (WHERE d.status = 'queued') FROM deployments d JOIN projects p ON p.id = d.project_id WHERE p.key LIKE $1");
        command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"bench-{projects}-%"));
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0)} started, {row.GetInt64(1)} gave way to a newer push, {row.GetInt64(2)} wait");
    }

    // A confirmed host key comes from a real server; the row alone is enough where no deployment comes so far.
    private static async Task SeedServerAsync(string database, string name)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var db = await PostgresFixture.ContextsOn(source).CreateDbContextAsync();
        db.Add(new Server { Name = name, Host = "127.0.0.1", User = "deploy", CredentialId = (await db.Credentials.SingleAsync(c => c.Name == name)).Id, HostKey = "ssh-ed25519 AAAA", HostKeyFingerprint = "SHA256:x" });
        await db.SaveChangesAsync();
    }

    private static Task<Load> LoadAsync(List<(Uri Address, string Secret)> doors, byte[] body, HttpStatusCode expected, TimeSpan warmUp) => MeasureAsync(warmUp, connection =>
    {
        var (address, secret) = doors[connection % doors.Count];
        var signature = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
        return async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            request.Headers.TryAddWithoutValidation("X-GitHub-Event", "push");
            request.Headers.TryAddWithoutValidation("X-GitHub-Delivery", Guid.NewGuid().ToString());
            request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode != expected)
            {
                throw new InvalidOperationException($"{address}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        };
    });

    private static async Task<Load> BareAsync(string database, byte[] body)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using (var make = source.CreateCommand("CREATE TABLE bare_hooks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL)"))
        {
            await make.ExecuteNonQueryAsync();
        }

        var text = Encoding.UTF8.GetString(body);
        return await MeasureAsync(Short, _ => async () =>
        {
            await using var insert = source.CreateCommand("WITH i AS (INSERT INTO bare_hooks (payload) VALUES ($1::jsonb) RETURNING id) SELECT pg_notify('bare_hooks', id::text) FROM i");
            insert.Parameters.AddWithValue(text);
            await insert.ExecuteNonQueryAsync();
        });
    }

    private static async Task<Load> MeasureAsync(TimeSpan warmUp, Func<int, Func<Task>> connect)
    {
        var times = new List<double>();
        var sent = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(n => Task.Run(async () =>
        {
            var send = connect(n);
            var own = new List<double>();
            while (clock.Elapsed < warmUp + Measured)
            {
                var begin = clock.Elapsed;
                await send();
                Interlocked.Increment(ref sent);
                if (begin >= warmUp)
                {
                    own.Add((clock.Elapsed - begin).TotalMilliseconds);
                }
            }

            lock (times)
            {
                times.AddRange(own);
            }
        })));
        times.Sort();
        return new Load(times.Count / Measured.TotalSeconds, times, sent);
    }

    /// <summary>A push of eight commits, as large as those of GitHub are.</summary>
    private static byte[] Body()
    {
        var commits = Enumerable.Range(0, 8).Select(i => new
        {
            id = Hash($"commit {i}"),
            message = $"Change {i}: rework the basket totals\n\nLonger text of the commit, why it was done and what it touches.",
            url = $"https://github.com/acme/webshop/commit/{i}",
            author = new { name = "Octo Dev", email = "octo@example.com", username = "octo-dev" },
            added = Files(i, 3),
            removed = Files(i + 10, 1),
            modified = Files(i + 20, 6),
        }).ToList();
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            @ref = "refs/heads/main",
            before = Hash("before"),
            after = commits[^1].id,
            repository = new { full_name = "acme/webshop", owner = new { login = "octo-dev" }, urls = Enumerable.Range(0, 40).Select(i => $"https://api.github.com/repos/acme/webshop/something-{i}{{/sha}}") },
            pusher = new { name = "octo-dev" },
            commits,
            head_commit = commits[^1],
        });

        static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..40];

        static string[] Files(int seed, int count) => [.. Enumerable.Range(0, count).Select(j => $"src/Web/{Hash($"{seed}/{j}")}.cs")];
    }

    private sealed record Load(double PerSecond, List<double> Milliseconds, int Sent)
    {
        public double Percentile(int p) => Milliseconds[Math.Min(Milliseconds.Count - 1, Milliseconds.Count * p / 100)];
    }
}
