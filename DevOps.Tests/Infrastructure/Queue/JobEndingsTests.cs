using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>Turns that end in the same moment, written down together.</summary>
public sealed class JobEndingsTests(PostgresFixture postgres) : JobQueueRoom(postgres), IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Many_that_end_at_once_end_each_in_its_own_way()
    {
        var taken = await TakeAsync(30);

        var written = await Task.WhenAll(taken.Select((job, n) => n % 3 == 0 ? Process.Queue.FailAsync(Fence(job), $"No. {n}", None) : Process.Queue.CompleteAsync(Fence(job), None)));

        Assert.All(written, Assert.True);
        for (var n = 0; n < taken.Count; n++)
        {
            var job = await Process.ReadAsync(taken[n].Id);
            Assert.Equal(n % 3 == 0 ? (JobState.Failed, $"No. {n}") : (JobState.Completed, null), (job.State, job.Error));
        }
    }

    [Fact]
    public async Task Turn_that_lost_its_job_is_refused_and_the_others_are_not()
    {
        var taken = await TakeAsync(3);
        await Process.ExpireAsync(taken[1].Id);
        var again = await Process.ClaimOneAsync("other", Kind);

        var written = await Task.WhenAll(taken.Select(job => Process.Queue.CompleteAsync(Fence(job), None)));

        Assert.Equal([true, false, true], written);
        Assert.Equal((JobState.Running, "other"), (again!.State, (await Process.ReadAsync(taken[1].Id)).LeasedBy));
    }

    [Fact]
    public async Task Row_that_somebody_holds_keeps_only_its_own_turn_waiting()
    {
        var taken = await TakeAsync(3);
        await using var connection = await Process.Database.OpenConnectionAsync();
        await using var transaction = await HoldAsync(connection, taken[0]);

        var held = Process.Queue.CompleteAsync(Fence(taken[0]), None);
        Assert.True(await Process.Queue.CompleteAsync(Fence(taken[1]), None).WaitAsync(QueueProcess.Patience));
        Assert.True(await Process.Queue.CompleteAsync(Fence(taken[2]), None).WaitAsync(QueueProcess.Patience));
        Assert.False(held.IsCompleted);

        await transaction.CommitAsync();
        Assert.True(await held.WaitAsync(QueueProcess.Patience));
    }

    [Fact]
    public async Task One_who_gives_up_waiting_leaves_the_others_their_answer()
    {
        var taken = await TakeAsync(2);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        var first = Process.Queue.CompleteAsync(Fence(taken[0]), gone.Token);
        var second = Process.Queue.CompleteAsync(Fence(taken[1]), None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True(await second.WaitAsync(QueueProcess.Patience));
    }

    [Fact]
    public async Task Turn_that_ends_brings_the_next_job_before_its_end_is_answered()
    {
        var ended = (await TakeAsync(1)).Single();
        var following = await Process.EnqueueAsync(Kind);
        await Process.EnqueueAsync(Kind);
        var heir = new Heir(Kind);

        Assert.True(await Process.Queue.CompleteAsync(Fence(ended), None, heir.Succession));

        var next = Assert.Single(heir.Given);
        Assert.Equal((following.Id, JobState.Running, "heir", 1), (next.Id, next.State, next.LeasedBy, next.Attempt));
        Assert.Equal(JobState.Running, (await Process.ReadAsync(following.Id)).State);
    }

    [Fact]
    public async Task Next_job_of_the_same_key_may_be_the_one()
    {
        await Process.EnqueueAsync(Kind, key: Kind);
        var following = await Process.EnqueueAsync(Kind, key: Kind);
        var ended = (await Process.ClaimOneAsync("w", Kind))!;
        var heir = new Heir(Kind);

        await Process.Queue.FailAsync(Fence(ended), "No.", None, heir.Succession);

        Assert.Equal(following.Id, Assert.Single(heir.Given).Id);
    }

    [Fact]
    public async Task As_many_are_taken_as_end_each_for_its_own_heir()
    {
        var ended = await TakeAsync(6);
        var following = new HashSet<long>();
        for (var n = 0; n < 10; n++)
        {
            following.Add((await Process.EnqueueAsync(Kind)).Id);
        }

        Heir[] heirs = [new(Kind), new(Kind)];
        var written = await Task.WhenAll(ended.Select((job, n) => Process.Queue.CompleteAsync(Fence(job), None, heirs[n % 2].Succession)));

        Assert.All(written, Assert.True);
        Assert.All(heirs, h => Assert.Equal(3, h.Given.Count));
        Assert.Equal(6, heirs.SelectMany(h => h.Given).Select(j => j.Id).Intersect(following).Count());
    }

    [Fact]
    public async Task Slot_of_a_turn_whose_end_has_to_wait_is_not_passed_on()
    {
        var ended = await TakeAsync(3);
        await Process.EnqueueAsync(Kind);
        await Process.EnqueueAsync(Kind);
        await Process.EnqueueAsync(Kind);
        await using var connection = await Process.Database.OpenConnectionAsync();
        await using var transaction = await HoldAsync(connection, ended[0]);

        var heir = new Heir(Kind);
        var written = ended.Select(job => Process.Queue.CompleteAsync(Fence(job), None, heir.Succession)).ToList();
        Assert.True(await written[1].WaitAsync(QueueProcess.Patience));
        Assert.True(await written[2].WaitAsync(QueueProcess.Patience));

        Assert.Equal(2, heir.Given.Count);
        await transaction.CommitAsync();
        Assert.True(await written[0].WaitAsync(QueueProcess.Patience));
    }

    [Fact]
    public async Task Heir_who_wants_nothing_or_can_do_nothing_of_what_waits_gets_nothing()
    {
        var ended = await TakeAsync(2);
        var following = await Process.EnqueueAsync(Kind);
        var idle = new Heir(Kind) { Wants = false };
        var other = new Heir("other");

        Assert.True(await Process.Queue.CompleteAsync(Fence(ended[0]), None, idle.Succession));
        Assert.True(await Process.Queue.CompleteAsync(Fence(ended[1]), None, other.Succession));

        Assert.Empty(idle.Given);
        Assert.Empty(other.Given);
        Assert.Equal(JobState.Available, (await Process.ReadAsync(following.Id)).State);
    }

    [Fact]
    public async Task End_is_written_when_another_process_was_quicker_with_the_next_of_a_key()
    {
        var ended = (await TakeAsync(1)).Single();
        var following = await Process.EnqueueAsync(Kind);
        await Process.ExecuteAsync($"""
            CREATE FUNCTION "quicker{Kind}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$;
            CREATE TRIGGER "quicker{Kind}" BEFORE UPDATE ON jobs FOR EACH ROW WHEN (NEW.state = 'running' AND NEW.id = {following.Id}) EXECUTE FUNCTION "quicker{Kind}"()
            """);
        var heir = new Heir(Kind);

        try
        {
            Assert.True(await Process.Queue.CompleteAsync(Fence(ended), None, heir.Succession));
        }
        finally
        {
            await Process.ExecuteAsync($"""DROP TRIGGER "quicker{Kind}" ON jobs""");
        }

        Assert.Empty(heir.Given);
        Assert.Equal(JobState.Completed, (await Process.ReadAsync(ended.Id)).State);
        Assert.Equal(JobState.Available, (await Process.ReadAsync(following.Id)).State);
    }

    [Fact]
    public async Task Statement_planned_on_an_empty_table_still_reads_few_rows_of_a_full_one()
    {
        await Process.ExecuteAsync("TRUNCATE jobs");
        await Process.EnqueueAsync(Kind);
        await Process.ExecuteAsync("VACUUM ANALYZE jobs");
        await using var connection = await Process.Database.OpenConnectionAsync();
        await PagesToTakeAndEndAsync(connection, 1);

        await Process.ExecuteAsync(
            "INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at, lock_key) "
            + $"SELECT '{Kind}', '{{}}', 'available', 0, now(), 0, 5, now(), 'key' || n FROM generate_series(1, 10000) n");
        var (take, end) = await PagesToTakeAndEndAsync(connection, 8);

        Assert.InRange(take, 1, 500);
        Assert.InRange(end, 1, 300);
    }

    // Locks its row until the transaction ends, as a step does that makes sure of its job.
    private static async Task<NpgsqlTransaction> HoldAsync(NpgsqlConnection connection, Job job)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"SELECT 1 FROM jobs WHERE id = {job.Id} FOR SHARE", connection, transaction);
        await hold.ExecuteScalarAsync();
        return transaction;
    }

    // Each of them looked up, and none left running.
    private async Task<(int Take, int End)> PagesToTakeAndEndAsync(NpgsqlConnection connection, int count)
    {
        var take = await QueryPlan.PagesAsync(connection, $"SELECT id FROM end_and_take_jobs('{{}}', '{{}}', '{{}}', '{{}}', '{{}}', 'planned', {count}, interval '1 minute', ARRAY['{Kind}'])");
        var ids = await LongsAsync(connection, "SELECT id FROM jobs WHERE leased_by = 'planned'");
        Assert.Equal(count, ids.Count);
        string All(string value) => $"ARRAY[{string.Join(", ", ids.Select(_ => value))}]";
        var end = await QueryPlan.PagesAsync(
            connection,
            $"SELECT id FROM end_and_take_jobs(ARRAY[{string.Join(", ", ids)}]::bigint[], {All("1")}, {All("'planned'")}, {All("'completed'")}, {All("NULL::text")}, '', 0, interval '1 minute', '{{}}')");
        Assert.Empty(await LongsAsync(connection, "SELECT id FROM jobs WHERE leased_by = 'planned'"));
        return (take, end);
    }

    private static async Task<List<long>> LongsAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<long>();
        while (await reader.ReadAsync())
        {
            values.Add(reader.GetInt64(0));
        }

        return values;
    }

    private async Task<IReadOnlyList<Job>> TakeAsync(int count)
    {
        for (var n = 0; n < count; n++)
        {
            await Process.EnqueueAsync(Kind);
        }

        return await Process.Queue.ClaimAsync("w", count, [Kind], None);
    }

    /// <summary>Takes over slots, and keeps what it was given.</summary>
    private sealed class Heir
    {
        public Heir(string kind) => Succession = new JobSuccession("heir", [kind], () => Wants ? 1 : null, (jobs, _) =>
        {
            Given.AddRange(jobs);
            return Task.CompletedTask;
        });

        public bool Wants { get; init; } = true;

        public List<Job> Given { get; } = [];

        public JobSuccession Succession { get; }
    }
}
