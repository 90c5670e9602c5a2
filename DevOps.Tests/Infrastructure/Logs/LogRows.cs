using DevOps.Core.Queue;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Logs;

/// <summary>The rows that a log hangs on.</summary>
public static class LogRows
{
    /// <summary>A running deployment of a project of its own.</summary>
    public static async Task<long> DeploymentAsync(NpgsqlDataSource source, string status = "running")
    {
        var key = "p" + Guid.NewGuid().ToString("N")[..12];
        await using var insert = source.CreateCommand("""
            WITH project AS (
                INSERT INTO projects (key, name, description, repository, build, deploy, last_release, created_at, revision)
                VALUES ($1, 'Shop', '', '{}', '{}', '{}', 0, now(), 1) RETURNING id),
            environment AS (
                INSERT INTO environments (project_id, name, position, servers, server_tags, variables, files, supersede, revision, approvals, freezes, freeze_weekly)
                SELECT id, 'production', 1, '{}', '{}', '{}', '{}', true, 1, '{}', '[]', '[]' FROM project RETURNING id, project_id)
            INSERT INTO deployments (project_id, environment_id, status, cause, requested_by, requested_ref, requested_servers, note, created_at, started_at, finished_at, rollback, log_complete, approvals_required, approval_role, override_freeze, pause)
            SELECT project_id, id, $2, 'manual', 'lin', 'main', '{}', '', now(), now(), CASE WHEN $2 IN ('running', 'queued') THEN NULL ELSE now() END, 'none', false, 0, 'maintainer', false, 'none' FROM environment RETURNING id
            """);
        insert.Parameters.AddWithValue(key);
        insert.Parameters.AddWithValue(status);
        return (long)(await insert.ExecuteScalarAsync())!;
    }

    /// <summary>A job that a worker holds.</summary>
    public static async Task<JobFence> FenceAsync(NpgsqlDataSource source, string worker = "worker-1")
    {
        await using var insert = source.CreateCommand("""
            INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, leased_by, leased_until, created_at)
            VALUES ('deployment', '{}', 'running', 0, now(), 1, 5, $1, now() + interval '1 minute', now()) RETURNING id
            """);
        insert.Parameters.AddWithValue(worker);
        return new JobFence((long)(await insert.ExecuteScalarAsync())!, 1, worker);
    }

    /// <summary>Another worker takes the job over.</summary>
    public static async Task<JobFence> TakeOverAsync(NpgsqlDataSource source, JobFence fence, string worker)
    {
        await ExecuteAsync(source, $"UPDATE jobs SET attempt = attempt + 1, leased_by = '{worker}' WHERE id = {fence.Id}");
        return new JobFence(fence.Id, fence.Attempt + 1, worker);
    }

    /// <summary>Waits until someone waits for a lock. The database tells of it only to those who look.</summary>
    /// <param name="source">The database.</param>
    /// <param name="waiter">Who shall wait; that it is done instead is a failure.</param>
    public static async Task BlockedAsync(NpgsqlDataSource source, Task waiter)
    {
        await using var look = source.CreateCommand("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await look.ExecuteScalarAsync(limit.Token) is not true)
        {
            Assert.False(waiter.IsCompleted, "it did not wait for the lock");
            await Task.Delay(10, limit.Token);
        }
    }

    public static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
