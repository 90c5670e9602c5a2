using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>A turn under a clock moved by hand, over a real database.</summary>
public sealed class LeaseKeeperTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    // The keeper's deadline and its first wait.
    private const int TimersAtFirstWait = 2;

    private readonly string _kind = Guid.NewGuid().ToString("N");
    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private QueueProcess _process = null!;
    private Job _job = null!;
    private JobContext _turn = null!;
    private Task _run = null!;
    private int _renewals;

    public async Task InitializeAsync()
    {
        _process = new QueueProcess(postgres.ConnectionString, time: _time);
        await _process.EnqueueAsync(_kind);
        var handler = new ScriptedHandler(_kind, async context =>
        {
            await _finish.Task.WaitAsync(context.Stopping);
            return JobOutcome.Done;
        });
        var runner = new JobRunner(_process.Room, new JobHandlers([handler]), NullLogger<JobRunner>.Instance);
        var takenAt = _time.GetTimestamp();
        _job = (await _process.ClaimOneAsync("w", _kind))!;
        _run = runner.RunAsync(_job, "w", takenAt, default, new JobSuccession("w", [], () => null, (_, _) => Task.CompletedTask));
        _turn = await handler.NextTurnAsync();
    }

    public async Task DisposeAsync()
    {
        _finish.TrySetResult();
        await _run.WaitAsync(QueueProcess.Patience);
        await _process.DisposeAsync();
    }

    [Fact]
    public async Task Lease_is_renewed_however_long_the_job_takes()
    {
        for (var turn = 0; turn < 10; turn++)
        {
            await RenewedAsync();
        }

        Assert.Equal(StopReason.None, _turn.Reason);
        _finish.SetResult();
        await _run.WaitAsync(QueueProcess.Patience);
        Assert.Equal(JobState.Completed, (await _process.ReadAsync(_job.Id)).State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Jump_of_the_wall_clock_changes_nothing(int days)
    {
        await RenewedAsync();
        _time.JumpWallClock(TimeSpan.FromDays(days));
        await RenewedAsync();

        Assert.Equal(StopReason.None, _turn.Reason);
    }

    [Fact]
    public async Task Stopped_process_drops_its_job_the_moment_it_goes_on()
    {
        await RenewedAsync();

        // From the inside, being stopped for a minute is a minute that passes at once.
        _time.Advance(TimeSpan.FromMinutes(1));

        await StoppedAsync(StopReason.LeaseLost);
    }

    [Fact]
    public async Task Renewal_that_hangs_ends_the_turn_before_the_lease_ends()
    {
        await using var connection = await postgres.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"SELECT 1 FROM jobs WHERE id = {_job.Id} FOR UPDATE", connection, transaction);
        await hold.ExecuteNonQueryAsync();

        var lease = _process.Options.Lease - _process.Options.Margin;
        _time.Advance(lease - TimeSpan.FromMilliseconds(1));
        Assert.Equal(StopReason.None, _turn.Reason);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await StoppedAsync(StopReason.LeaseLost);
    }

    [Fact]
    public async Task Refused_renewal_ends_the_turn_and_its_end_is_not_written()
    {
        await _process.ExpireAsync(_job.Id);
        var taken = await _process.ClaimOneAsync("other", _kind);

        await AdvanceToRenewalAsync();

        await StoppedAsync(StopReason.LeaseLost);
        await _run.WaitAsync(QueueProcess.Patience);
        Assert.Equal((JobState.Running, "other", taken!.Attempt), ((await _process.ReadAsync(_job.Id)) is var row ? row.State : default, row.LeasedBy, row.Attempt));
    }

    [Fact]
    public async Task Cancel_is_noticed_at_a_renewal_even_when_no_signal_comes()
    {
        await _process.ExecuteAsync($"UPDATE jobs SET cancel_requested_at = now() WHERE id = {_job.Id}");

        await AdvanceToRenewalAsync();

        await StoppedAsync(StopReason.CancelRequested);
        await _run.WaitAsync(QueueProcess.Patience);
        Assert.Equal(JobState.Cancelled, (await _process.ReadAsync(_job.Id)).State);
    }

    /// <summary>Lets time pass to the next renewal and waits until it is through.</summary>
    private async Task RenewedAsync()
    {
        var before = (await _process.ReadAsync(_job.Id)).LeasedUntil;
        await AdvanceToRenewalAsync();

        // The limit of the renewal, then the next wait.
        await _time.WhenTimersMadeAsync(TimersAtFirstWait + (2 * _renewals)).WaitAsync(QueueProcess.Patience);
        Assert.True((await _process.ReadAsync(_job.Id)).LeasedUntil > before);
    }

    private async Task AdvanceToRenewalAsync()
    {
        await _time.WhenTimersMadeAsync(TimersAtFirstWait + (2 * _renewals)).WaitAsync(QueueProcess.Patience);
        _renewals++;
        _time.Advance(_renewals == 1 ? _process.Options.Renew / 5 : _process.Options.Renew);
    }

    private async Task StoppedAsync(StopReason expected)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _turn.Stopping.Register(stopped.SetResult);
        await stopped.Task.WaitAsync(QueueProcess.Patience);
        Assert.Equal(expected, _turn.Reason);
    }
}
