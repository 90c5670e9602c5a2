using DevOps.Core.Queue;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DevOps.Infrastructure.Queue;

/// <summary>Stands beside one running job and renews its lease on a connection of its own. When it cannot, it ends the turn before the lease ends,
/// counted on the monotonic clock: neither a jump of the wall clock nor a stopped process fools it. A short job ends before it begins.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly QueueRoom _room;
    private readonly JobTurn _turn;
    private readonly ILogger _logger;
    private readonly long _takenAt;
    private readonly Lock _lock = new();
    private readonly Bell _look = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _deadline;
    private readonly ITimer _begin;
    private readonly IDisposable _cancelWish;
    private Task? _keeping;
    private bool _over;
    private NpgsqlConnection? _connection;

    /// <summary>Begins to keep the lease.</summary>
    /// <param name="room">What it works with.</param>
    /// <param name="turn">The turn to end when the lease is lost.</param>
    /// <param name="takenAt">Timestamp from before the job was taken: the lease began later.</param>
    /// <param name="logger">Where losses are told.</param>
    public LeaseKeeper(QueueRoom room, JobTurn turn, long takenAt, ILogger logger)
    {
        (_room, _turn, _takenAt, _logger) = (room, turn, takenAt, logger);
        _deadline = room.Time.CreateTimer(_ => Lose("could not be renewed in time"), state: null, LeftOf(takenAt), Timeout.InfiniteTimeSpan);

        // A wish to cancel that came before we listened is found soon all the same.
        _begin = room.Time.CreateTimer(_ => Look(), state: null, Soon, Timeout.InfiniteTimeSpan);
        _cancelWish = room.Signal.OnCancel(turn.Job.Id, Look);
    }

    private TimeSpan Soon => _room.Options.Renew / 5;

    public async ValueTask DisposeAsync()
    {
        _cancelWish.Dispose();
        await _begin.DisposeAsync();
        if (Begun() is { } keeping)
        {
            await _ended.CancelAsync();
            await keeping;
        }

        await _deadline.DisposeAsync();
        await CloseAsync();
        _ended.Dispose();
    }

    // Nothing begins any more once it was asked for.
    private Task? Begun()
    {
        lock (_lock)
        {
            _over = true;
            return _keeping;
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_keeping is not null)
            {
                _look.Ring();
            }
            else if (!_over)
            {
                _keeping = Task.Run(KeepAsync);
            }
        }
    }

    private TimeSpan LeftOf(long renewedAt)
    {
        var left = _room.Options.Lease - _room.Options.Margin - _room.Time.GetElapsedTime(renewedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Lose(string why)
    {
        if (_turn.Reason == StopReason.None)
        {
            _logger.LogWarning("Lease of job {Job}, attempt {Attempt}, {Why}; it is stopped", _turn.Job.Id, _turn.Job.Attempt, why);
        }

        _turn.Stop(StopReason.LeaseLost);
    }

    private async Task KeepAsync()
    {
        var renewedAt = _takenAt;
        try
        {
            while (_turn.Reason != StopReason.LeaseLost)
            {
                var asked = _room.Time.GetTimestamp();
                var answer = await TryRenewAsync(LeftOf(renewedAt));
                renewedAt = Heed(answer, asked, renewedAt);
                await _look.WaitAsync(answer is null ? Soon : _room.Options.Renew, _room.Time, _ended.Token);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The turn is over.
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "The lease of job {Job} cannot be kept", _turn.Job.Id);
            _turn.Stop(StopReason.LeaseLost);
        }
    }

    private long Heed(RenewAnswer? answer, long asked, long renewedAt)
    {
        switch (answer)
        {
            case null:
                return renewedAt;
            case RenewAnswer.Refused:
                Lose("was refused");
                return renewedAt;
            case RenewAnswer.CancelRequested:
                _turn.Stop(StopReason.CancelRequested);
                break;
        }

        _deadline.Change(LeftOf(asked), Timeout.InfiniteTimeSpan);
        return asked;
    }

    /// <summary>One try that ends before the lease does; <see langword="null"/> when the database did not answer.</summary>
    private async Task<RenewAnswer?> TryRenewAsync(TimeSpan left)
    {
        using var limit = new CancellationTokenSource(left < _room.Options.Renew ? left : _room.Options.Renew, _room.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _ended.Token);
        try
        {
            _connection ??= await _room.Database.OpenConnectionAsync(either.Token);
            return await _room.Queue.RenewAsync(_turn.Fence, _connection, either.Token);
        }
        catch (Exception exception) when (!_ended.IsCancellationRequested)
        {
            _logger.LogWarning("Renewing job {Job} failed ({Reason})", _turn.Job.Id, exception.Message);
            await CloseAsync();
            return null;
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }
    }
}
