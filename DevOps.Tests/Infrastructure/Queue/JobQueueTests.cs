using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Queue;

public sealed class JobQueueTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly string _kind = Guid.NewGuid().ToString("N");
    private QueueProcess _process = null!;

    private static CancellationToken None => CancellationToken.None;

    public Task InitializeAsync()
    {
        _process = new QueueProcess(postgres.ConnectionString);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _process.DisposeAsync();

    [Fact]
    public async Task Enqueue_in_a_transaction_that_rolls_back_leaves_nothing()
    {
        await using (var db = await postgres.Contexts.CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await JobQueue.EnqueueAsync(db, new NewJob(_kind, "{}"), None);
        }

        Assert.Null(await _process.ClaimOneAsync("w", _kind));
    }

    [Fact]
    public async Task Claim_takes_by_priority_then_id_and_counts_the_attempt()
    {
        var late = await _process.EnqueueAsync(_kind, priority: 5);
        var first = await _process.EnqueueAsync(_kind);
        var second = await _process.EnqueueAsync(_kind);

        var taken = await _process.Queue.ClaimAsync("w", 10, [_kind], None);

        Assert.Equal([first.Id, second.Id, late.Id], taken.Select(j => j.Id));
        Assert.All(taken, j => Assert.Equal((1, JobState.Running, "w"), (j.Attempt, j.State, j.LeasedBy)));
    }

    [Fact]
    public async Task Claim_leaves_unknown_kinds_and_future_jobs()
    {
        await _process.EnqueueAsync(new NewJob(_kind, "{}") { Delay = TimeSpan.FromHours(1) });
        await _process.EnqueueAsync(_kind + "x");

        Assert.Empty(await _process.Queue.ClaimAsync("w", 10, [_kind], None));
    }

    [Fact]
    public async Task Claim_takes_only_the_foremost_of_a_key()
    {
        var first = await _process.EnqueueAsync(_kind, key: _kind);
        var second = await _process.EnqueueAsync(_kind, key: _kind);

        var taken = await _process.Queue.ClaimAsync("w", 10, [_kind], None);
        Assert.Equal([first.Id], taken.Select(j => j.Id));
        Assert.Null(await _process.ClaimOneAsync("w2", _kind));
        Assert.True(await _process.Queue.CompleteAsync(Fence(taken[0]), None));

        Assert.Equal(second.Id, (await _process.ClaimOneAsync("w2", _kind))!.Id);
    }

    [Fact]
    public async Task Job_that_waits_for_its_retry_holds_up_those_behind_it()
    {
        var first = await _process.EnqueueAsync(_kind, key: _kind);
        await _process.EnqueueAsync(_kind, key: _kind);
        var taken = await _process.ClaimOneAsync("w", _kind);
        await _process.Queue.RetryAfterAsync(Fence(taken!), TimeSpan.FromHours(1), "later", None);

        Assert.Null(await _process.ClaimOneAsync("w", _kind));
        await _process.ExecuteAsync($"UPDATE jobs SET run_after = now() WHERE id = {first.Id}");

        Assert.Equal(first.Id, (await _process.ClaimOneAsync("w", _kind))!.Id);
    }

    [Fact]
    public async Task Later_job_of_a_key_does_not_overtake_one_that_somebody_is_just_taking()
    {
        var first = await _process.EnqueueAsync(_kind, key: _kind);
        await _process.EnqueueAsync(_kind, key: _kind);
        await using var connection = await postgres.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new Npgsql.NpgsqlCommand($"SELECT 1 FROM jobs WHERE id = {first.Id} FOR UPDATE", connection, transaction))
        {
            await command.ExecuteNonQueryAsync();
        }

        Assert.Null(await _process.ClaimOneAsync("w", _kind));
        await transaction.RollbackAsync();

        Assert.Equal(first.Id, (await _process.ClaimOneAsync("w", _kind))!.Id);
    }

    [Fact]
    public async Task Database_refuses_a_second_running_job_of_a_key()
    {
        await _process.EnqueueAsync(_kind, key: _kind);
        var second = await _process.EnqueueAsync(_kind, key: _kind);
        await _process.ClaimOneAsync("w", _kind);

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => _process.ExecuteAsync(
            $"UPDATE jobs SET state = 'running', leased_by = 'x', leased_until = now() WHERE id = {second.Id}"));

        Assert.Equal("ux_jobs_running_key", refused.ConstraintName);
    }

    [Fact]
    public async Task Old_holder_is_refused_everything_after_its_lease_was_taken_over()
    {
        var job = await _process.EnqueueAsync(_kind);
        var old = Fence((await _process.ClaimOneAsync("old", _kind))!);
        await _process.ExpireAsync(job.Id);
        var taken = await _process.ClaimOneAsync("new", _kind);

        Assert.Equal((job.Id, 2), (taken!.Id, taken.Attempt));
        await using var connection = await postgres.DataSource.OpenConnectionAsync();
        Assert.Equal(RenewAnswer.Refused, await _process.Queue.RenewAsync(old, connection, None));
        Assert.False(await _process.Queue.CompleteAsync(old, None));
        Assert.False(await _process.Queue.FailAsync(old, "no", None));
        Assert.False(await _process.Queue.RetryAfterAsync(old, TimeSpan.Zero, "no", None));
        Assert.False(await _process.Queue.ReleaseAsync(old, None));
        Assert.False(await _process.Queue.EndCancelledAsync(old, None));
        Assert.Equal(RenewAnswer.Renewed, await _process.Queue.RenewAsync(Fence(taken), connection, None));
        Assert.True(await _process.Queue.CompleteAsync(Fence(taken), None));
    }

    [Fact]
    public async Task Same_worker_in_a_later_attempt_does_not_pass_for_the_earlier_one()
    {
        await _process.EnqueueAsync(_kind);
        var first = Fence((await _process.ClaimOneAsync("w", _kind))!);
        Assert.True(await _process.Queue.ReleaseAsync(first, None));
        var second = Fence((await _process.ClaimOneAsync("w", _kind))!);

        Assert.False(await _process.Queue.CompleteAsync(first, None));
        Assert.True(await _process.Queue.CompleteAsync(second, None));
    }

    [Fact]
    public async Task Release_costs_no_attempt()
    {
        var job = await _process.EnqueueAsync(_kind, maxAttempts: 1);
        for (var turn = 0; turn < 3; turn++)
        {
            var taken = await _process.ClaimOneAsync("w", _kind);
            Assert.True(taken!.Attempt <= taken.MaxAttempts);
            await _process.Queue.ReleaseAsync(Fence(taken), None);
        }

        Assert.Equal(JobState.Available, (await _process.ReadAsync(job.Id)).State);
    }

    [Fact]
    public async Task Fence_holds_off_a_takeover_until_the_holders_transaction_ends()
    {
        var job = await _process.EnqueueAsync(_kind);
        var mine = Fence((await _process.ClaimOneAsync("w", _kind))!);
        await _process.ExpireAsync(job.Id);
        await using (var db = await postgres.Contexts.CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await JobQueue.HoldAsync(db, mine, None);
            Assert.Null(await _process.ClaimOneAsync("other", _kind));
            await transaction.CommitAsync();
        }

        Assert.NotNull(await _process.ClaimOneAsync("other", _kind));
        await using var late = await postgres.Contexts.CreateDbContextAsync();
        await using var lateTransaction = await late.Database.BeginTransactionAsync();
        await Assert.ThrowsAsync<LeaseLost>(() => JobQueue.HoldAsync(late, mine, None));
    }

    [Fact]
    public async Task Fence_outside_a_transaction_is_a_mistake()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => JobQueue.HoldAsync(db, new JobFence(1, 1, "w"), None));
    }

    [Fact]
    public async Task Cancel_of_a_job_that_never_began_ends_it()
    {
        var job = await _process.EnqueueAsync(_kind);

        Assert.Equal(CancelAnswer.Cancelled, await _process.Queue.CancelAsync(job.Id, None));

        Assert.Equal(JobState.Cancelled, (await _process.ReadAsync(job.Id)).State);
        Assert.Null(await _process.ClaimOneAsync("w", _kind));
        Assert.Equal(CancelAnswer.TooLate, await _process.Queue.CancelAsync(job.Id, None));
    }

    [Fact]
    public async Task Cancel_of_a_running_job_is_told_at_the_next_renewal_and_survives_a_takeover()
    {
        var job = await _process.EnqueueAsync(_kind);
        var fence = Fence((await _process.ClaimOneAsync("w", _kind))!);

        Assert.Equal(CancelAnswer.Asked, await _process.Queue.CancelAsync(job.Id, None));

        await using var connection = await postgres.DataSource.OpenConnectionAsync();
        Assert.Equal(RenewAnswer.CancelRequested, await _process.Queue.RenewAsync(fence, connection, None));
        await _process.ExpireAsync(job.Id);
        Assert.NotNull((await _process.ClaimOneAsync("w2", _kind))!.CancelRequestedAt);
    }

    [Fact]
    public async Task Cancel_of_a_job_between_two_tries_brings_it_back_at_once_to_be_wound_up()
    {
        var job = await _process.EnqueueAsync(_kind);
        var fence = Fence((await _process.ClaimOneAsync("w", _kind))!);
        await _process.Queue.RetryAfterAsync(fence, TimeSpan.FromHours(1), "later", None);

        await using (var db = await postgres.Contexts.CreateDbContextAsync())
        {
            Assert.Equal(CancelAnswer.Asked, await JobQueue.CancelAsync(db, job.Id, None));
        }

        Assert.NotNull((await _process.ClaimOneAsync("w", _kind))!.CancelRequestedAt);
    }

    [Fact]
    public async Task Rescue_takes_back_only_what_is_silent_and_says_why()
    {
        var silent = await _process.EnqueueAsync(_kind);
        var alive = await _process.EnqueueAsync(_kind);
        await _process.Queue.ClaimAsync("w", 2, [_kind], None);
        await _process.ExpireAsync(silent.Id);

        Assert.Equal(1, await _process.Queue.RescueAsync(None));

        var rescued = await _process.ReadAsync(silent.Id);
        Assert.Equal(JobState.Available, rescued.State);
        Assert.Equal("Its worker w went silent during attempt 1.", rescued.Error);
        Assert.Equal(JobState.Running, (await _process.ReadAsync(alive.Id)).State);
    }

    [Fact]
    public async Task Long_or_unprintable_errors_are_kept_as_far_as_they_fit()
    {
        var job = await _process.EnqueueAsync(_kind);
        var fence = Fence((await _process.ClaimOneAsync("w", _kind))!);

        Assert.True(await _process.Queue.FailAsync(fence, "bad\0 " + new string('x', 20_000), None));

        var failed = await _process.ReadAsync(job.Id);
        Assert.Equal(JobState.Failed, failed.State);
        Assert.Equal(8000, failed.Error!.Length);
        Assert.NotNull(failed.FinishedAt);
    }

    [Fact]
    public async Task Error_whose_limit_lies_inside_a_character_ends_before_it()
    {
        var job = await _process.EnqueueAsync(_kind);
        var fence = Fence((await _process.ClaimOneAsync("w", _kind))!);

        Assert.True(await _process.Queue.FailAsync(fence, new string('x', 7999) + "😀 and more", None));

        Assert.Equal(new string('x', 7999), (await _process.ReadAsync(job.Id)).Error);
    }

    [Fact]
    public async Task Prune_removes_old_finished_rows_and_keeps_young_failed_and_open_ones()
    {
        var ids = new Dictionary<string, long>();
        foreach (var name in new[] { "old done", "young done", "old failed", "very old failed", "open" })
        {
            ids[name] = (await _process.EnqueueAsync(_kind)).Id;
        }

        await Finish(ids["old done"], "completed", 8);
        await Finish(ids["young done"], "completed", 6);
        await Finish(ids["old failed"], "failed", 80);
        await Finish(ids["very old failed"], "failed", 91);
        var cleaner = new JobCleaner(_process.Queue, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobCleaner>.Instance);

        await cleaner.RunAsync(None);

        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var left = await db.Jobs.Where(j => j.Kind == _kind).OrderBy(j => j.Id).Select(j => j.Id).ToListAsync();
        Assert.Equal([ids["young done"], ids["old failed"], ids["open"]], left);
    }

    private static JobFence Fence(Job job) => new(job.Id, job.Attempt, job.LeasedBy!);

    private Task Finish(long id, string state, int daysAgo) =>
        _process.ExecuteAsync($"UPDATE jobs SET state = '{state}', finished_at = now() - interval '{daysAgo} days' WHERE id = {id}");
}
