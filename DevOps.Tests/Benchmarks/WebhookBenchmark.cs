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
    private const int Rounds = 3;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    // Until the code that runs is compiled for good.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(TextWriter output)
    {
        var body = Body();
        var folder = Directory.CreateTempSubdirectory("hookbench").FullName;
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var cluster = await PostgresCluster.StartAsync(folder, durable: true, CancellationToken.None);
        try
        {
            await using var database = NpgsqlDataSource.Create(cluster.ConnectionString);
            await using var platform = await PlatformProcess.StartAsync(Path.Combine(folder, "data"), cluster.ConnectionString, "unix:///nowhere.sock");
            await using var seed = await SeedStack.StartAsync();
            var before = seed is null ? null : Pushes("FastAPI + SQLAlchemy/SQLite + Celery/Redis", [(seed.Address, SeedStack.Secret)], body, HttpStatusCode.OK);
            var bare = await BareAsync(database, body);
            var many = Pushes($"this platform, {Connections} environments", await DoorsAsync(platform, database, Connections, silent), body, HttpStatusCode.Accepted);
            var one = Pushes("this platform, 1 environment", await DoorsAsync(platform, database, 1, silent), body, HttpStatusCode.Accepted);
            List<Rival> all = [.. before is null ? [] : (Rival[])[before], bare, many, one];
            foreach (var rival in all)
            {
                await rival.SendAsync(rival == many ? Long : Short, counts: false);
            }

            for (var n = 0; n < Rounds; n++)
            {
                foreach (var rival in all)
                {
                    await rival.SendAsync(Short, counts: true);
                }
            }

            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{body.Length} bytes, {Connections} connections, {Rounds} rounds in turn, {Short.TotalSeconds:F0} s each"));
            await output.WriteLineAsync();
            await output.WriteLineAsync("| | accepted /s, median | least and most | p50 ms | p99 ms | times the first | jobs |");
            await output.WriteLineAsync("|---|---|---|---|---|---|---|");
            foreach (var rival in all)
            {
                var jobs = rival == before ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * seed!.Started / rival.Sent:F0} % started")
                    : rival == many ? await JobsAsync(database, Connections)
                    : rival == one ? await JobsAsync(database, 1)
                    : "";
                await output.WriteLineAsync(rival.Row(all[0], jobs));
            }
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<(Uri Address, string Secret)>> DoorsAsync(PlatformProcess platform, NpgsqlDataSource database, int projects, TcpListener silent)
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
    private static async Task<string> JobsAsync(NpgsqlDataSource database, int projects)
    {
        await using var command = database.CreateCommand("SELECT count(*) FILTER (WHERE d.started_at IS NOT NULL), count(*) FILTER (WHERE d.status = 'superseded'), count(*) FILTER (WHERE d.status = 'queued') FROM deployments d JOIN projects p ON p.id = d.project_id WHERE p.key LIKE $1");
        command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"bench-{projects}-%"));
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0)} started, {row.GetInt64(1)} gave way to a newer push, {row.GetInt64(2)} wait");
    }

    // A confirmed host key comes from a real server; the row alone is enough where no deployment comes so far.
    private static async Task SeedServerAsync(NpgsqlDataSource database, string name)
    {
        await using var db = await PostgresFixture.ContextsOn(database).CreateDbContextAsync();
        db.Add(new Server { Name = name, Host = "127.0.0.1", User = "deploy", CredentialId = (await db.Credentials.SingleAsync(c => c.Name == name)).Id, HostKey = "ssh-ed25519 AAAA", HostKeyFingerprint = "SHA256:x" });
        await db.SaveChangesAsync();
    }

    private static Rival Pushes(string name, List<(Uri Address, string Secret)> doors, byte[] body, HttpStatusCode expected) => new(name, [.. Enumerable.Range(0, Connections).Select(connection =>
    {
        var (address, secret) = doors[connection % doors.Count];
        var signature = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
        return (Func<Task>)(async () =>
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
        });
    })]);

    private static async Task<Rival> BareAsync(NpgsqlDataSource source, byte[] body)
    {
        await using (var make = source.CreateCommand("CREATE TABLE bare_hooks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL)"))
        {
            await make.ExecuteNonQueryAsync();
        }

        var text = Encoding.UTF8.GetString(body);
        return new Rival("one INSERT and NOTIFY of the same bytes, by hand", [.. Enumerable.Repeat<Func<Task>>(
            async () =>
            {
                await using var insert = source.CreateCommand("WITH i AS (INSERT INTO bare_hooks (payload) VALUES ($1::jsonb) RETURNING id) SELECT pg_notify('bare_hooks', id::text) FROM i");
                insert.Parameters.AddWithValue(text);
                await insert.ExecuteNonQueryAsync();
            },
            Connections)]);
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

    /// <summary>Something that takes pushes, or what does as much for the comparison: a way to send one for each connection, and what was measured.</summary>
    private sealed class Rival(string name, List<Func<Task>> connections)
    {
        private readonly List<(double PerSecond, List<double> Milliseconds)> _rounds = [];

        /// <summary>The middle round's.</summary>
        public double PerSecond => Measure.Median(_rounds.Select(r => r.PerSecond));

        /// <summary>How many were sent in all.</summary>
        public int Sent { get; private set; }

        public async Task SendAsync(TimeSpan time, bool counts)
        {
            var clock = Stopwatch.StartNew();
            var times = await Task.WhenAll(connections.Select(send => Task.Run(async () =>
            {
                var own = new List<double>();
                while (clock.Elapsed < time)
                {
                    var begin = clock.Elapsed;
                    await send();
                    own.Add((clock.Elapsed - begin).TotalMilliseconds);
                }

                return own;
            })));
            List<double> all = [.. times.SelectMany(t => t)];
            Sent += all.Count;
            if (counts)
            {
                _rounds.Add((all.Count / clock.Elapsed.TotalSeconds, all));
            }
        }

        public string Row(Rival first, string jobs)
        {
            List<double> all = [.. _rounds.SelectMany(r => r.Milliseconds)];
            return string.Create(CultureInfo.InvariantCulture, $"| {name} | {PerSecond:F0} | {_rounds.Min(r => r.PerSecond):F0}–{_rounds.Max(r => r.PerSecond):F0} | {Measure.Median(all):F1} | {Measure.Percentile(all, 99):F1} | {PerSecond / first.PerSecond:F1} | {jobs} |");
        }
    }
}
