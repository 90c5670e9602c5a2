using System.Globalization;
using DevOps.Core.Audit;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Queue;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Persistence;

public sealed class WriteBatchTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Rows_are_stored_as_the_context_would_store_them()
    {
        var environment = await EnvironmentAsync("same");
        long[] numbers = [7_001, 7_002];
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            var batch = new WriteBatch(db);
            foreach (var row in Rows(environment, numbers[0]))
            {
                batch.Add(row);
            }

            await batch.CommitAsync(CancellationToken.None);
        }

        db.AddRange(Rows(environment, numbers[1]));
        await db.SaveChangesAsync();

        foreach (var (table, number) in new[] { ("deployments", "id"), ("deployment_servers", "deployment_id"), ("jobs", "id"), ("deliveries", "body_bytes"), ("audit_entries", "subject") })
        {
            var stored = new List<string>();
            foreach (var one in numbers)
            {
                stored.Add(await TextAsync($"SELECT (to_jsonb(t) - '{{id,created_at,run_after}}'::text[])::text FROM {table} t WHERE {number}::text = '{one}'"));
            }

            Assert.Equal(stored[1].Replace("7002", "7001", StringComparison.Ordinal), stored[0]);
        }

        Assert.Equal("true", await TextAsync($"SELECT (created_at > now() - interval '1 minute' AND run_after = created_at)::text FROM jobs WHERE id = {numbers[0]}"));
    }

    [Fact]
    public async Task Answers_are_told_in_the_order_of_what_was_asked()
    {
        var heard = new List<string>();
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            var batch = new WriteBatch(db);
            batch.Add("SELECT n FROM generate_series(1, $1) n WHERE n > $2", [3, 5], row => heard.Add($"nothing {row.GetInt32(0)}"));
            batch.Add(Line("first"), id => heard.Add(id > 0 ? "a number" : "none"));
            batch.Add(Line("second"));
            batch.Add("SELECT n FROM generate_series(1, $1) n", [2], row => heard.Add(row.GetInt32(0).ToString(CultureInfo.InvariantCulture)));
            await batch.SendAsync(CancellationToken.None);
            await transaction.CommitAsync();
        }

        Assert.Equal(["a number", "1", "2"], heard);
        Assert.Equal(["first", "second"], await db.AuditEntries.Where(a => a.Action == "test.batch").OrderBy(a => a.Id).Select(a => a.Subject).ToListAsync());
    }

    [Fact]
    public async Task Row_that_is_refused_keeps_the_others_from_being_committed()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            var batch = new WriteBatch(db);
            batch.Add(Line("before the refusal"));
            batch.Add(new DeploymentServer { DeploymentId = 99_999, Name = "of-nothing" });
            batch.Add(Line("after the refusal"));
            var refused = await Assert.ThrowsAsync<PostgresException>(() => batch.CommitAsync(CancellationToken.None));
            Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, refused.SqlState);
        }

        Assert.False(await db.AuditEntries.AnyAsync(a => a.Subject.EndsWith("the refusal")));
    }

    [Fact]
    public async Task What_is_only_found_at_the_commit_is_refused_too()
    {
        await using (var make = postgres.DataSource.CreateCommand("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        {
            await make.ExecuteNonQueryAsync();
        }

        await using var db = await postgres.Contexts.CreateDbContextAsync();
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            var batch = new WriteBatch(db);
            batch.Add("INSERT INTO late VALUES ($1), ($1) RETURNING n", [1], _ => { });
            var refused = await Assert.ThrowsAsync<PostgresException>(() => batch.CommitAsync(CancellationToken.None));
            Assert.Equal(PostgresErrorCodes.UniqueViolation, refused.SqlState);
        }

        Assert.Equal("0", await TextAsync("SELECT count(*)::text FROM late"));
    }

    private static AuditEntry Line(string subject) => new() { At = Noon, Actor = "lin", Action = "test.batch", Subject = subject, Summary = "" };

    // One of each kind that a push leads to, with something in every sort of column: words, lists, JSON, bytes, times and nothing.
    private static List<object> Rows(DeploymentEnvironment environment, long number) =>
    [
        new Deployment
        {
            Id = number, ProjectId = environment.ProjectId, EnvironmentId = environment.Id, RequestedBy = "lin", RequestedRef = "main", RequestedServers = ["web-1", "wéb,2"],
            CommitMessage = "with 'quotes' and \\ and 中文", CreatedAt = Noon, Trigger = Trigger.Webhook, JobId = number, Error = "no", ErrorSentence = $"The job {3} failed.", OverrideFreeze = true,
        },
        new DeploymentServer { DeploymentId = number, Name = "web-1", Position = 2, Release = 4, Status = ServerStatus.Skipped },
        new Job { Id = number, Kind = "deployment", Payload = """{"deploymentId": 7001}""", LockKey = "environment:1", Priority = 3 },
        new Delivery
        {
            ProjectId = environment.ProjectId, Event = "push", ReceivedAt = Noon, Outcome = DeliveryOutcome.Accepted, Verdict = $"accepted: {"main"}", Deployments = [1, 2],
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["X-GitHub-Event"] = "push" }, Body = [0, 1, 255], BodyBytes = (int)number,
        },
        new AuditEntry { At = Noon, Actor = "lin", Action = "test.same", Subject = number.ToString(CultureInfo.InvariantCulture), Summary = "s", Changes = [new AuditChange("a", null, "b")] },
    ];

    private async Task<DeploymentEnvironment> EnvironmentAsync(string key)
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var project = db.Projects.Add(new Project { Key = key, Name = key, Repository = new RepositorySpec { Url = $"https://git.example/{key}.git" }, Build = new BuildSpec(), Deploy = new DeploySpec { Path = $"/srv/{key}" } }).Entity;
        await db.SaveChangesAsync();
        var environment = db.Environments.Add(new DeploymentEnvironment { ProjectId = project.Id, Name = "dev" }).Entity;
        await db.SaveChangesAsync();
        return environment;
    }

    private async Task<string> TextAsync(string sql)
    {
        await using var command = postgres.DataSource.CreateCommand(sql);
        return Assert.IsType<string>(await command.ExecuteScalarAsync());
    }
}
