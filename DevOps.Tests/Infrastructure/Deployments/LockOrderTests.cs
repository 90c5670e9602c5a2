using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>Two who want the same rows at the same time: one waits for the other, never both. Each test stops one transaction in its middle, lets a verb run against it, and goes on.</summary>
public sealed class LockOrderTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly Actor Lin = Rooms.Platform("lin", Role.Admin);
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Cancel_waits_for_a_write_of_the_runner_and_reaches_its_job_in_the_same_transaction()
    {
        var (id, fence) = await RunningAsync();
        await using var runner = await HoldAsync(fence);

        var cancel = platform.Services.GetRequiredService<CancelDeployment>().RunAsync(Lin, id, None);
        await BlockedAsync(cancel);
        await runner.SayAsync($"UPDATE deployments SET note = 'written' WHERE id = {id}");
        await runner.CommitAsync();

        Assert.Equal(DeploymentStatus.Running, (await cancel).Status);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var deployment = await db.Deployments.SingleAsync(d => d.Id == id);
        Assert.Equal(("written", "lin"), (deployment.Note, deployment.CancelRequestedBy));
        Assert.True((await db.Jobs.SingleAsync(j => j.Id == fence.Id)).RunAfter > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task Persons_word_waits_for_a_write_of_the_runner()
    {
        var (id, fence) = await RunningAsync("UPDATE deployments SET pause = 'confirmation' WHERE id = {0}");
        await using var runner = await HoldAsync(fence);

        var word = platform.Services.GetRequiredService<ContinueDeployment>().RunAsync(Lin, id, ContinueAction.Continue, null, None);
        await BlockedAsync(word);
        await runner.SayAsync($"UPDATE deployments SET note = 'written' WHERE id = {id}");
        await runner.CommitAsync();

        await word;
        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.Equal(("written", "lin"), await db.Deployments.Where(d => d.Id == id).Select(d => new ValueTuple<string, string?>(d.Note, d.ConfirmedBy)).SingleAsync());
    }

    [Fact]
    public async Task Environment_that_is_deleted_while_a_deployment_of_it_is_taken_up_stays()
    {
        var project = await platform.ProjectAsync();
        var id = await WaitingAsync(project, "queued");
        await using var runner = await TransactionAsync();
        await runner.SayAsync($"SELECT 1 FROM environments WHERE id = {project.EnvironmentId} FOR SHARE");

        var delete = platform.Services.GetRequiredService<DeleteEnvironment>().RunAsync(Lin, project.Key, "dev", null, None);
        await BlockedAsync(delete);
        await runner.SayAsync($"UPDATE deployments SET status = 'running', started_at = now() WHERE id = {id}");
        await runner.CommitAsync();

        Assert.Equal("running", (await Assert.ThrowsAsync<Conflict>(() => delete)).Reason);
    }

    [Fact]
    public async Task Environment_that_is_locked_while_a_deployment_is_asked_for_is_locked_after_it()
    {
        var project = await platform.ProjectAsync();
        await using var asking = await TransactionAsync();
        await asking.SayAsync($"SELECT 1 FROM environments WHERE id = {project.EnvironmentId} FOR SHARE");

        var locking = platform.Services.GetRequiredService<LockEnvironment>().LockAsync(Lin, project.Key, "dev", "moving house", None);
        await BlockedAsync(locking);
        await asking.SayAsync($"SELECT 1 FROM projects WHERE id = {project.Id} FOR KEY SHARE"); // What a new row that names the project does.
        await asking.CommitAsync();

        Assert.Equal("lin", (await locking).LockedBy);
    }

    [Fact]
    public async Task Deployment_that_supersedes_others_comes_to_them_in_the_order_of_one_that_is_approved()
    {
        var project = await platform.ProjectAsync();
        var older = await WaitingAsync(project, "pendingApproval");
        var newer = await WaitingAsync(project, "pendingApproval");
        await using var approving = await TransactionAsync();
        await approving.SayAsync($"SELECT 1 FROM deployments WHERE id = {newer} FOR UPDATE");

        var request = platform.RequestAsync(project);
        await BlockedAsync(request);
        await approving.SayAsync($"UPDATE deployments SET note = 'seen' WHERE id = {older}");
        await approving.CommitAsync();

        await request;
        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.Equal(2, await db.Deployments.CountAsync(d => (d.Id == older || d.Id == newer) && d.Status == DeploymentStatus.Superseded));
    }

    private async Task<(long Id, JobFence Fence)> RunningAsync(string change = "")
    {
        var id = await LogRows.DeploymentAsync(platform.Postgres.DataSource);
        var fence = await LogRows.FenceAsync(platform.Postgres.DataSource);
        await LogRows.ExecuteAsync(
            platform.Postgres.DataSource,
            $"UPDATE jobs SET run_after = 'epoch', lock_key = 'environment:' || (SELECT environment_id FROM deployments WHERE id = {id}) WHERE id = {fence.Id}; {string.Format(System.Globalization.CultureInfo.InvariantCulture, change, id)}");
        return (id, fence);
    }

    private async Task<long> WaitingAsync(TestProject project, string status)
    {
        await using var insert = platform.Postgres.DataSource.CreateCommand("""
            INSERT INTO deployments (project_id, environment_id, status, cause, requested_by, requested_ref, requested_servers, note, created_at, rollback, log_complete, approvals_required, approval_role, override_freeze, pause)
            VALUES ($1, $2, $3, 'manual', 'lin', 'main', '{}', '', now(), 'none', false, 1, 'maintainer', false, 'none') RETURNING id
            """);
        insert.Parameters.AddWithValue(project.Id);
        insert.Parameters.AddWithValue(project.EnvironmentId);
        insert.Parameters.AddWithValue(status);
        return (long)(await insert.ExecuteScalarAsync())!;
    }

    private async Task<OtherTransaction> HoldAsync(JobFence fence)
    {
        var other = await TransactionAsync();
        await other.SayAsync($"SELECT 1 FROM jobs WHERE id = {fence.Id} FOR SHARE");
        return other;
    }

    private async Task<OtherTransaction> TransactionAsync()
    {
        var connection = await platform.Postgres.DataSource.OpenConnectionAsync();
        return new OtherTransaction(connection, await connection.BeginTransactionAsync());
    }

    private Task BlockedAsync(Task verb) => LogRows.BlockedAsync(platform.Postgres.DataSource, verb);

    private sealed class OtherTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async Task SayAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync();
        }

        public Task CommitAsync() => transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
