using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Persistence;

public sealed class SchemaTests(PostgresFixture migrated) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Migrations_and_model_describe_the_same_columns()
    {
        await using var source = await EmptyDatabaseAsync("from_model");
        await using var db = await PostgresFixture.ContextsOn(source).CreateDbContextAsync();
        await db.Database.EnsureCreatedAsync();

        Assert.Equal(await ColumnsAsync(source), await ColumnsAsync(migrated.DataSource));
        Assert.Equal(await IndexesAsync(source), (await IndexesAsync(migrated.DataSource)).Intersect(await IndexesAsync(source)));
    }

    [Fact]
    public async Task Migrations_applied_twice_change_nothing()
    {
        await new DatabaseMigrator(migrated.DataSource, migrated.Contexts).RunAsync(CancellationToken.None);

        await using var db = await migrated.Contexts.CreateDbContextAsync();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public async Task Schema_is_not_touched_before_the_database_is_said_to_answer()
    {
        await using var source = await EmptyDatabaseAsync("answers_late");
        var ready = new TaskCompletionSource();

        var migrating = new DatabaseMigrator(source, PostgresFixture.ContextsOn(source)).RunAsync(ready.Task, CancellationToken.None);
        Assert.Empty(await ColumnsAsync(source));
        ready.SetResult();
        await migrating;

        Assert.Equal(await ColumnsAsync(migrated.DataSource), await ColumnsAsync(source));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries")]
    public async Task Audit_log_refuses_every_change(string statement)
    {
        await using var insert = migrated.DataSource.CreateCommand("INSERT INTO audit_entries (at, actor, action, subject, summary) VALUES (now(), 'a', 'b', 'c', 'd')");
        await insert.ExecuteNonQueryAsync();

        await using var change = migrated.DataSource.CreateCommand(statement);
        var refused = await Assert.ThrowsAsync<PostgresException>(change.ExecuteNonQueryAsync);

        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state = 'asleep'")]
    [InlineData("state = 'completed'")]
    [InlineData("state = 'running', leased_by = 'w'")]
    [InlineData("state = 'running', leased_by = 'w', leased_until = now(), finished_at = now()")]
    [InlineData("leased_by = 'w', leased_until = now()")]
    [InlineData("finished_at = now()")]
    public async Task Job_has_a_state_that_there_is_and_what_belongs_to_it(string change)
    {
        await using var insert = migrated.DataSource.CreateCommand(
            "INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at) VALUES ('test', '{}', 'available', 0, now(), 0, 1, now())");
        await insert.ExecuteNonQueryAsync();

        await using var update = migrated.DataSource.CreateCommand($"UPDATE jobs SET {change} WHERE kind = 'test'");
        var refused = await Assert.ThrowsAsync<PostgresException>(update.ExecuteNonQueryAsync);

        Assert.Equal("ck_jobs_state", refused.ConstraintName);
    }

    [Theory]
    [InlineData("queued", null, "none", true)]
    [InlineData("running", null, "decision", true)]
    [InlineData("superseded", "now()", "none", true)]
    [InlineData("running", null, "lunch", false)]
    [InlineData("queued", "now()", "none", false)]
    [InlineData("failed", null, "none", false)]
    [InlineData("lost", null, "none", false)]
    public async Task Deployment_has_a_state_that_there_is_and_a_time_when_it_is_over(string status, string? finishedAt, string pause, bool allowed)
    {
        await using var ask = migrated.DataSource.CreateCommand($"SELECT is_deployment_state('{status}', {finishedAt ?? "NULL"}, '{pause}'), pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_deployments_state'");
        await using var row = await ask.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());

        Assert.Equal((allowed, "CHECK (is_deployment_state((status)::text, finished_at, (pause)::text))"), (row.GetBoolean(0), row.GetString(1)));
    }

    private async Task<NpgsqlDataSource> EmptyDatabaseAsync(string name)
    {
        await using var create = migrated.DataSource.CreateCommand($"CREATE DATABASE {name} TEMPLATE template0");
        await create.ExecuteNonQueryAsync();
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(migrated.ConnectionString) { Database = name }.ConnectionString);
    }

    private static Task<List<string>> ColumnsAsync(NpgsqlDataSource source) => ListAsync(source, """
        SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || coalesce(character_maximum_length::text, '') || ' ' || is_nullable || ' ' || is_identity
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name NOT LIKE '%\_\_efmigrations%' AND lower(table_name) NOT LIKE '%migrations%'
        ORDER BY 1
        """);

    private static Task<List<string>> IndexesAsync(NpgsqlDataSource source) => ListAsync(source, """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND lower(tablename) NOT LIKE '%migrations%' ORDER BY indexdef
        """);

    private static async Task<List<string>> ListAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
