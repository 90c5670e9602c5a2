using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Queue;

public sealed class JobQueueTests(PostgresFixture postgres) : JobQueueRoom(postgres), IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Enqueue_in_a_transaction_that_rolls_back_leaves_nothing()
    {
        await using (var db = await Postgres.Contexts.CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await JobQueue.EnqueueAsync(db, new NewJob(Kind, "{}"), None);
        }

        Assert.Null(await Process.ClaimOneAsync("w", Kind));
    }

    [Fact]
    public async Task Claim_takes_by_priority_then_id_and_counts_the_attempt()
    {
        var late = await Process.EnqueueAsync(Kind, priority: 5);
        var first = await Process.EnqueueAsync(Kind);
        var second = await Process.EnqueueAsync(Kind);

        var taken = await Process.Queue.ClaimAsync("w", 10, [Kind], None);

        Assert.Equal([first.Id, second.Id, late.Id], taken.Select(j => j.Id));
        Assert.All(taken, j => Assert.Equal((1, JobState.Running, "w"), (j.Attempt, j.State, j.LeasedBy)));
    }

    [Fact]
    public async Task Claim_leaves_unknownKinds_and_future_jobs()
    {
        await Process.EnqueueAsync(new NewJob(Kind, "{}") { Delay = TimeSpan.FromHours(1) });
        await Process.EnqueueAsync(Kind + "x");

        Assert.Empty(await Process.Queue.ClaimAsync("w", 10, [Kind], None));
    }

    [Fact]
    public async Task Claim_takes_only_the_foremost_of_a_key()
    {
        var first = await Process.EnqueueAsync(Kind, key: Kind);
        var second = await Process.EnqueueAsync(Kind, key: Kind);

        var taken = await Process.Queue.ClaimAsync("w", 10, [Kind], None);
        Assert.Equal([first.Id], taken.Select(j => j.Id));
        Assert.Null(await Process.ClaimOneAsync("w2", Kind));
        Assert.True(await Process.Queue.CompleteAsync(Fence(taken[0]), None));

        Assert.Equal(second.Id, (await Process.ClaimOneAsync("w2", Kind))!.Id);
    }

    [Fact]
    public async Task Job_that_waits_for_its_retry_holds_up_those_behind_it()
    {
        var first = await Process.EnqueueAsync(Kind, key: Kind);
        await Process.EnqueueAsync(Kind, key: Kind);
        var taken = await Process.ClaimOneAsync("w", Kind);
        await Process.Queue.RetryAfterAsync(Fence(taken!), TimeSpan.FromHours(1), "later", None);

        Assert.Null(await Process.ClaimOneAsync("w", Kind));
        await Process.ExecuteAsync($"UPDATE jobs SET run_after = now() WHERE id = {first.Id}");

        Assert.Equal(first.Id, (await Process.ClaimOneAsync("w", Kind))!.Id);
    }

    [Fact]
    public async Task Later_job_of_a_key_does_not_overtake_one_that_somebody_is_just_taking()
    {
        var first = await Process.EnqueueAsync(Kind, key: Kind);
        await Process.EnqueueAsync(Kind, key: Kind);
        await using var connection = await Postgres.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new Npgsql.NpgsqlCommand($"SELECT 1 FROM jobs WHERE id = {first.Id} FOR UPDATE", connection, transaction))
        {
            await command.ExecuteNonQueryAsync();
        }

        Assert.Null(await Process.ClaimOneAsync("w", Kind));
        await transaction.RollbackAsync();

        Assert.Equal(first.Id, (await Process.ClaimOneAsync("w", Kind))!.Id);
    }

    [Fact]
    public async Task Database_refuses_a_second_running_job_of_a_key()
    {
        await Process.EnqueueAsync(Kind, key: Kind);
        var second = await Process.EnqueueAsync(Kind, key: Kind);
        await Process.ClaimOneAsync("w", Kind);

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => Process.ExecuteAsync(
            $"UPDATE jobs SET state = 'running', leased_by = 'x', leased_until = now() WHERE id = {second.Id}"));

        Assert.Equal("ux_jobs_running_key", refused.ConstraintName);
    }

    [Fact]
    public async Task Old_holder_is_refused_everything_after_its_lease_was_taken_over()
    {
        var job = await Process.EnqueueAsync(Kind);
        var old = Fence((await Process.ClaimOneAsync("old", Kind))!);
        await Process.ExpireAsync(job.Id);
        var taken = await Process.ClaimOneAsync("new", Kind);

        Assert.Equal((job.Id, 2), (taken!.Id, taken.Attempt));
        await using var connection = await Postgres.DataSource.OpenConnectionAsync();
        Assert.Equal(RenewAnswer.Refused, await Process.Queue.RenewAsync(old, connection, None));
        Assert.False(await Process.Queue.CompleteAsync(old, None));
        Assert.False(await Process.Queue.FailAsync(old, "no", None));
        Assert.False(await Process.Queue.RetryAfterAsync(old, TimeSpan.Zero, "no", None));
        Assert.False(await Process.Queue.ReleaseAsync(old, None));
        Assert.False(await Process.Queue.EndCancelledAsync(old, None));
        Assert.Equal(RenewAnswer.Renewed, await Process.Queue.RenewAsync(Fence(taken), connection, None));
        Assert.True(await Process.Queue.CompleteAsync(Fence(taken), None));
    }

    [Fact]
    public async Task Same_worker_in_a_later_attempt_does_not_pass_for_the_earlier_one()
    {
        await Process.EnqueueAsync(Kind);
        var first = Fence((await Process.ClaimOneAsync("w", Kind))!);
        Assert.True(await Process.Queue.ReleaseAsync(first, None));
        var second = Fence((await Process.ClaimOneAsync("w", Kind))!);

        Assert.False(await Process.Queue.CompleteAsync(first, None));
        Assert.True(await Process.Queue.CompleteAsync(second, None));
    }

    [Fact]
    public async Task Release_costs_no_attempt()
    {
        var job = await Process.EnqueueAsync(Kind, maxAttempts: 1);
        for (var turn = 0; turn < 3; turn++)
        {
            var taken = await Process.ClaimOneAsync("w", Kind);
            Assert.True(taken!.Attempt <= taken.MaxAttempts);
            await Process.Queue.ReleaseAsync(Fence(taken), None);
        }

        Assert.Equal(JobState.Available, (await Process.ReadAsync(job.Id)).State);
    }

    [Fact]
    public async Task Fence_holds_off_a_takeover_until_the_holders_transaction_ends()
    {
        var job = await Process.EnqueueAsync(Kind);
        var mine = Fence((await Process.ClaimOneAsync("w", Kind))!);
        await Process.ExpireAsync(job.Id);
        await using (var db = await Postgres.Contexts.CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await JobQueue.HoldAsync(db, mine, None);
            Assert.Null(await Process.ClaimOneAsync("other", Kind));
            await transaction.CommitAsync();
        }

        Assert.NotNull(await Process.ClaimOneAsync("other", Kind));
        await using var late = await Postgres.Contexts.CreateDbContextAsync();
        await using var lateTransaction = await late.Database.BeginTransactionAsync();
        await Assert.ThrowsAsync<LeaseLost>(() => JobQueue.HoldAsync(late, mine, None));
    }

    [Fact]
    public async Task Fence_outside_a_transaction_is_a_mistake()
    {
        await using var db = await Postgres.Contexts.CreateDbContextAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => JobQueue.HoldAsync(db, new JobFence(1, 1, "w"), None));
    }

    [Fact]
    public async Task Cancel_of_a_job_that_never_began_ends_it()
    {
        var job = await Process.EnqueueAsync(Kind);

        Assert.Equal(CancelAnswer.Cancelled, await Process.Queue.CancelAsync(job.Id, None));

        Assert.Equal(JobState.Cancelled, (await Process.ReadAsync(job.Id)).State);
        Assert.Null(await Process.ClaimOneAsync("w", Kind));
        Assert.Equal(CancelAnswer.TooLate, await Process.Queue.CancelAsync(job.Id, None));
    }

    [Fact]
    public async Task Cancel_of_a_running_job_is_told_at_the_next_renewal_and_survives_a_takeover()
    {
        var job = await Process.EnqueueAsync(Kind);
        var fence = Fence((await Process.ClaimOneAsync("w", Kind))!);

        Assert.Equal(CancelAnswer.Asked, await Process.Queue.CancelAsync(job.Id, None));

        await using var connection = await Postgres.DataSource.OpenConnectionAsync();
        Assert.Equal(RenewAnswer.CancelRequested, await Process.Queue.RenewAsync(fence, connection, None));
        await Process.ExpireAsync(job.Id);
        Assert.NotNull((await Process.ClaimOneAsync("w2", Kind))!.CancelRequestedAt);
    }

    [Fact]
    public async Task Cancel_of_a_job_between_two_tries_brings_it_back_at_once_to_be_wound_up()
    {
        var job = await Process.EnqueueAsync(Kind);
        var fence = Fence((await Process.ClaimOneAsync("w", Kind))!);
        await Process.Queue.RetryAfterAsync(fence, TimeSpan.FromHours(1), "later", None);

        await using (var db = await Postgres.Contexts.CreateDbContextAsync())
        {
            Assert.Equal(CancelAnswer.Asked, await JobQueue.CancelAsync(db, job.Id, None));
        }

        Assert.NotNull((await Process.ClaimOneAsync("w", Kind))!.CancelRequestedAt);
    }

    [Fact]
    public async Task Rescue_takes_back_only_what_is_silent_and_says_why()
    {
        var silent = await Process.EnqueueAsync(Kind);
        var alive = await Process.EnqueueAsync(Kind);
        await Process.Queue.ClaimAsync("w", 2, [Kind], None);
        await Process.ExpireAsync(silent.Id);

        Assert.Equal(1, await Process.Queue.RescueAsync(None));

        var rescued = await Process.ReadAsync(silent.Id);
        Assert.Equal(JobState.Available, rescued.State);
        Assert.Equal("Its worker w went silent during attempt 1.", rescued.Error);
        Assert.Equal(JobState.Running, (await Process.ReadAsync(alive.Id)).State);
    }

    [Fact]
    public async Task Long_or_unprintable_errors_are_kept_as_far_as_they_fit()
    {
        var job = await Process.EnqueueAsync(Kind);
        var fence = Fence((await Process.ClaimOneAsync("w", Kind))!);

        Assert.True(await Process.Queue.FailAsync(fence, "bad\0 " + new string('x', 20_000), None));

        var failed = await Process.ReadAsync(job.Id);
        Assert.Equal(JobState.Failed, failed.State);
        Assert.Equal(8000, failed.Error!.Length);
        Assert.NotNull(failed.FinishedAt);
    }

    [Fact]
    public async Task Error_whose_limit_lies_inside_a_character_ends_before_it()
    {
        var job = await Process.EnqueueAsync(Kind);
        var fence = Fence((await Process.ClaimOneAsync("w", Kind))!);

        Assert.True(await Process.Queue.FailAsync(fence, new string('x', 7999) + "😀 and more", None));

        Assert.Equal(new string('x', 7999), (await Process.ReadAsync(job.Id)).Error);
    }

    [Fact]
    public async Task Prune_removes_old_finished_rows_and_keeps_young_failed_and_open_ones()
    {
        var ids = new Dictionary<string, long>();
        foreach (var name in new[] { "old done", "young done", "old failed", "very old failed", "open" })
        {
            ids[name] = (await Process.EnqueueAsync(Kind)).Id;
        }

        await Finish(ids["old done"], "completed", 8);
        await Finish(ids["young done"], "completed", 6);
        await Finish(ids["old failed"], "failed", 80);
        await Finish(ids["very old failed"], "failed", 91);
        var cleaner = new JobCleaner(Process.Queue, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobCleaner>.Instance);

        await cleaner.RunAsync(None);

        await using var db = await Postgres.Contexts.CreateDbContextAsync();
        var left = await db.Jobs.Where(j => j.Kind == Kind).OrderBy(j => j.Id).Select(j => j.Id).ToListAsync();
        Assert.Equal([ids["young done"], ids["old failed"], ids["open"]], left);
    }

    private Task Finish(long id, string state, int daysAgo) =>
        Process.ExecuteAsync($"UPDATE jobs SET state = '{state}', finished_at = now() - interval '{daysAgo} days' WHERE id = {id}");
}
