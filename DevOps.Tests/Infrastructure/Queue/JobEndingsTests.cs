using DevOps.Core.Queue;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>Turns that end in the same moment, written down together.</summary>
public sealed class JobEndingsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
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
    public async Task Many_that_end_at_once_end_each_in_its_own_way()
    {
        var taken = await TakeAsync(30);

        var written = await Task.WhenAll(taken.Select((job, n) => n % 3 == 0 ? _process.Queue.FailAsync(Fence(job), $"No. {n}", None) : _process.Queue.CompleteAsync(Fence(job), None)));

        Assert.All(written, Assert.True);
        for (var n = 0; n < taken.Count; n++)
        {
            var job = await _process.ReadAsync(taken[n].Id);
            Assert.Equal(n % 3 == 0 ? (JobState.Failed, $"No. {n}") : (JobState.Completed, null), (job.State, job.Error));
        }
    }

    [Fact]
    public async Task Turn_that_lost_its_job_is_refused_and_the_others_are_not()
    {
        var taken = await TakeAsync(3);
        await _process.ExpireAsync(taken[1].Id);
        var again = await _process.ClaimOneAsync("other", _kind);

        var written = await Task.WhenAll(taken.Select(job => _process.Queue.CompleteAsync(Fence(job), None)));

        Assert.Equal([true, false, true], written);
        Assert.Equal((JobState.Running, "other"), (again!.State, (await _process.ReadAsync(taken[1].Id)).LeasedBy));
    }

    [Fact]
    public async Task Row_that_somebody_holds_keeps_only_its_own_turn_waiting()
    {
        var taken = await TakeAsync(3);
        await using var connection = await _process.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = connection.CreateCommand())
        {
            hold.CommandText = $"SELECT 1 FROM jobs WHERE id = {taken[0].Id} FOR SHARE";
            await hold.ExecuteScalarAsync();
        }

        var held = _process.Queue.CompleteAsync(Fence(taken[0]), None);
        Assert.True(await _process.Queue.CompleteAsync(Fence(taken[1]), None).WaitAsync(QueueProcess.Patience));
        Assert.True(await _process.Queue.CompleteAsync(Fence(taken[2]), None).WaitAsync(QueueProcess.Patience));
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

        var first = _process.Queue.CompleteAsync(Fence(taken[0]), gone.Token);
        var second = _process.Queue.CompleteAsync(Fence(taken[1]), None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True(await second.WaitAsync(QueueProcess.Patience));
    }

    private async Task<IReadOnlyList<Job>> TakeAsync(int count)
    {
        for (var n = 0; n < count; n++)
        {
            await _process.EnqueueAsync(_kind);
        }

        return await _process.Queue.ClaimAsync("w", count, [_kind], None);
    }

    private static JobFence Fence(Job job) => new(job.Id, job.Attempt, job.LeasedBy!);
}
