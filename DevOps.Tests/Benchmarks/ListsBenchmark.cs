using System.Diagnostics;
using System.Globalization;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Insights;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Releases;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Npgsql;

namespace DevOps.Tests.Benchmarks;

/// <summary>What lists and figures cost with a million deployments, beside the plain way: counting the rows and skipping over them.</summary>
internal static class ListsBenchmark
{
    private const int Deployments = 1_000_000;
    private const int Repeats = 15;

    // Without the triggers that tell of every change: a million at once is no change anybody follows.
    private const string Seed = """
        INSERT INTO credentials (name, kind, ciphertext, created_at) VALUES ('key', 'password', '\x00', now());
        INSERT INTO servers (name, host, port, login, credential_id, tags, created_at, revision)
        SELECT 'app-' || n, '10.0.0.' || n, 22, 'deploy', 1, '{}', now(), 1 FROM generate_series(1, 60) n;
        INSERT INTO projects (key, name, description, repository, build, deploy, last_release, created_at, revision)
        SELECT 'project-' || n, 'Project ' || n, '', '{"url":"https://git.example/x.git","branch":"main"}', '{}', '{"path":"/srv/x"}', 1000, now(), 1 FROM generate_series(1, 20) n;
        INSERT INTO environments (project_id, name, position, servers, server_tags, variables, files, supersede, revision, approvals, freezes, freeze_weekly)
        SELECT p.id, e.name, e.position, '{}', '{}', '{}', '{}', true, 1, '{"required":0,"role":"maintainer","expireSeconds":86400}', '[]', '[]' FROM projects p, (VALUES ('dev', 1), ('staging', 2), ('production', 3)) e(name, position);
        ALTER TABLE deployments DISABLE TRIGGER USER;
        ALTER TABLE deployment_servers DISABLE TRIGGER USER;
        ALTER TABLE deployment_steps DISABLE TRIGGER USER;
        INSERT INTO deployments (project_id, environment_id, status, release, cause, requested_by, requested_ref, requested_servers, commit_sha, commit_message, note, created_at, started_at, finished_at, commit_at, rollback, log_complete, approvals_required, approval_role, override_freeze, pause)
        SELECT e.project_id, e.id, CASE WHEN n % 13 = 0 THEN 'failed' WHEN n % 50 = 1 THEN 'cancelled' ELSE 'succeeded' END, n / 60, 'webhook', 'lin', 'main', '{}', md5(n::text), 'Change number ' || n, '',
            at, at + interval '5 seconds', at + interval '65 seconds', at - interval '1 hour', 'none', true, 0, 'maintainer', false, 'none'
        FROM (SELECT n, now() - (1000001 - n) * interval '94 seconds' AS at FROM generate_series(1, 1000000) n) g
        JOIN environments e ON e.id = 1 + n * 7 % 60;
        INSERT INTO deployment_servers (deployment_id, server_id, name, position, status, release, previous_known, switched, passed_over)
        SELECT id, environment_id, 'app-' || environment_id, 0, 'succeeded', release, true, true, false FROM deployments WHERE id > 900000;
        INSERT INTO deployment_steps (deployment_id, position, name, status, started_at, finished_at)
        SELECT d.id, s.position, s.name, 'succeeded', d.started_at, d.started_at + (s.position + 1) * interval '3 seconds'
        FROM deployments d, (VALUES (0, 'checkout'), (1, 'build'), (2, 'package'), (3, 'upload'), (4, 'activate'), (5, 'restart')) s(position, name) WHERE d.id > 900000;
        ALTER TABLE deployments ENABLE TRIGGER USER;
        ALTER TABLE deployment_servers ENABLE TRIGGER USER;
        ALTER TABLE deployment_steps ENABLE TRIGGER USER;
        INSERT INTO deployment_counts (environment_id, status, stretch, delta) SELECT environment_id, status, id / 10000, count(*) FROM deployments GROUP BY environment_id, status, id / 10000;
        INSERT INTO applications (environment_id, server_id, path, release, deployment_id, activated_at, healthy) SELECT id, id, '/srv/x', 1000, 1, now(), true FROM environments;
        INSERT INTO releases (project_id, number, commit_sha, commit_message, commit_author, commit_ref, build_fingerprint, sha256, size_bytes, files, built_at)
        SELECT p.id, n, md5(n::text), 'Change', 'Lin', 'main', 'f', 's', 1, 1, now() FROM projects p, generate_series(1, 1000) n;
        INSERT INTO audit_entries (at, actor, action, subject, summary)
        SELECT now() - n * interval '1 minute', 'user-' || n % 50, CASE WHEN n % 3 = 0 THEN 'deployment.request' ELSE 'session.create' END, 'deployment/' || n, 'Change number ' || n FROM generate_series(1, 1000000) n;
        """;

    public static async Task RunAsync(TextWriter output)
    {
        var (cluster, folder) = await PostgresFixture.OwnClusterAsync();
        try
        {
            await using var database = NpgsqlDataSource.Create(cluster.ConnectionString + ";Command Timeout=600");
            var contexts = PostgresFixture.ContextsOn(database);
            await new DatabaseMigrator(database, contexts).RunAsync(CancellationToken.None);
            await ExecuteAsync(database, Seed);
            await ExecuteAsync(database, "VACUUM ANALYZE");
            var platform = new DevOps.Infrastructure.PlatformOptions { DataFolder = folder };
            var deployments = new DeploymentQueries(contexts, new WaitingWords(platform, TimeProvider.System));
            var (insights, dashboard) = (new InsightQueries(contexts, TimeProvider.System), new DashboardQueries(contexts, new WaitingWords(platform, TimeProvider.System), TimeProvider.System));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Deployments} deployments, 20 projects, 60 environments; ms, median / slowest of {Repeats}"));
            await output.WriteLineAsync();
            await output.WriteLineAsync("| what | ours | plain | total |");
            await output.WriteLineAsync("|---|---|---|---|");
            foreach (var (name, filter, page) in Cases())
            {
                var total = (await deployments.ListAsync(Actor.Platform, filter, page, CancellationToken.None)).Total;
                var ours = await TimeAsync(() => deployments.ListAsync(Actor.Platform, filter, page, CancellationToken.None));
                var plain = await TimeAsync(() => PlainAsync(database, filter, page), 3);
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| deployments, {name} | {ours} | {plain} | {total} |"));
            }

            await RowAsync(output, "applications", () => new ApplicationQueries(contexts).ListAsync(Actor.Platform, new ApplicationFilter(), PageRequest.Of(1, 50), CancellationToken.None));
            await RowAsync(output, "releases of a project", () => new ReleaseQueries(contexts, new FakeArtifactStore()).ListAsync(Actor.Platform, "project-7", PageRequest.Of(1, 50), CancellationToken.None));
            await AuditRowsAsync(output, new AuditQueries(contexts));
            await RowAsync(output, "first page, now", () => dashboard.NowAsync(Actor.Platform, CancellationToken.None));
            await RowAsync(output, "first page, figures", () => dashboard.FiguresAsync(Actor.Platform, CancellationToken.None));
            await RowAsync(output, "insights of a project, 30 days", () => insights.GetAsync(Actor.Platform, new InsightFilter("project-7", null, null, null), CancellationToken.None));
            await RowAsync(output, "insights of everything, 30 days", () => insights.GetAsync(Actor.Platform, new InsightFilter(null, null, null, null), CancellationToken.None));
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<(string Name, DeploymentFilter Filter, PageRequest Page)> Cases()
    {
        var all = new DeploymentFilter();
        yield return ("page 1", all, PageRequest.Of(1, 50));
        yield return ("page 5000", all, PageRequest.Of(5000, 50));
        yield return ("page 10000 (the middle)", all, PageRequest.Of(10_000, 50));
        yield return ("page 20000 (the last)", all, PageRequest.Of(20_000, 50));
        yield return ("failed, page 1", all with { Status = DeploymentStatus.Failed }, PageRequest.Of(1, 50));
        yield return ("failed, page 800", all with { Status = DeploymentStatus.Failed }, PageRequest.Of(800, 50));
        yield return ("running, page 1", all with { Status = DeploymentStatus.Running }, PageRequest.Of(1, 50));
        yield return ("a project, page 1", new DeploymentFilter("project-7"), PageRequest.Of(1, 50));
        yield return ("a project, page 500", new DeploymentFilter("project-7"), PageRequest.Of(500, 50));
        yield return ("a project's failed, page 1", new DeploymentFilter("project-7", null, DeploymentStatus.Failed), PageRequest.Of(1, 50));
        yield return ("production of a project, page 100", new DeploymentFilter("project-7", "production"), PageRequest.Of(100, 50));
        yield return ("production everywhere, page 1", new DeploymentFilter(null, "production"), PageRequest.Of(1, 50));
        yield return ("production everywhere, page 3000", new DeploymentFilter(null, "production"), PageRequest.Of(3000, 50));
    }

    // A page by its number needs the number of all entries; a stretch by key does not.
    private static async Task AuditRowsAsync(TextWriter output, AuditQueries audit)
    {
        foreach (var (name, filter) in new[] { ("", AuditFilter.None), (" of one person", new AuditFilter("user-7")) })
        {
            await RowAsync(output, $"audit log{name}, page 1", () => audit.ListAsync(Actor.Platform, filter, PageRequest.Of(1, 50), CancellationToken.None));
            await RowAsync(output, $"audit log{name}, by key", () => audit.StretchAsync(Actor.Platform, filter, new AuditStart(), 50, CancellationToken.None));
            await RowAsync(output, $"audit log{name}, by key in the middle", () => audit.StretchAsync(Actor.Platform, filter, new AuditStart(Before: 500_000), 50, CancellationToken.None));
        }

        await RowAsync(output, "audit log, page 10000 (the middle)", () => audit.ListAsync(Actor.Platform, AuditFilter.None, PageRequest.Of(10_000, 50), CancellationToken.None));
        await RowAsync(output, "audit log, page 20000 (the last)", () => audit.ListAsync(Actor.Platform, AuditFilter.None, PageRequest.Of(20_000, 50), CancellationToken.None));
    }

    private static async Task RowAsync(TextWriter output, string name, Func<Task> read) => await output.WriteLineAsync($"| {name} | {await TimeAsync(read)} | | |");

    private static async Task<string> TimeAsync(Func<Task> read, int repeats = Repeats)
    {
        await read();
        var times = new List<double>();
        for (var i = 0; i < repeats; i++)
        {
            var clock = Stopwatch.StartNew();
            await read();
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2]:F1} / {times[^1]:F1}");
    }

    // What one would write first: join, count, skip.
    private static async Task PlainAsync(NpgsqlDataSource database, DeploymentFilter filter, PageRequest page)
    {
        const string From = "FROM deployments d JOIN projects p ON p.id = d.project_id JOIN environments e ON e.id = d.environment_id WHERE ($1::text IS NULL OR p.key = $1) AND ($2::text IS NULL OR e.name = $2) AND ($3::text IS NULL OR d.status = $3)";
        foreach (var sql in new[] { $"SELECT count(*) {From}", string.Create(CultureInfo.InvariantCulture, $"SELECT d.*, p.key, e.name {From} ORDER BY d.id DESC LIMIT {page.PageSize} OFFSET {page.Skip}") })
        {
            await using var command = database.CreateCommand(sql);
            foreach (var value in new[] { filter.Project, filter.Environment, filter.Status is { } status ? Json.Word(status) : null })
            {
                command.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
            }

            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                _ = reader.FieldCount;
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
