using System.Threading.Channels;

namespace DevOps.Core.Logs;

/// <summary>One follower's end of the <see cref="LogFeed"/>. Holds a few batches; a follower that is slower than that is told to read the store and nothing more is held
/// for it until it does, so that one that stands still costs no memory. For one reader; pushes and nudges come from any thread.</summary>
public sealed class LogSubscription(Action<LogSubscription> unsubscribe) : IDisposable
{
    /// <summary>Most batches that wait for the reader.</summary>
    public const int Capacity = 16;

    private readonly Lock _gate = new();
    private readonly Channel<byte> _wake = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private List<LogBatch> _batches = [];
    private bool _missed;

    /// <summary>Says that the store may hold more than was pushed (another process wrote).</summary>
    public void Nudge() => Change(() => _missed = true);

    /// <summary>Waits for the next pushes.</summary>
    /// <param name="atMost">How long to wait before looking into the store anyway.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<LogPushes> NextAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var slow = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (slow.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new LogPushes([], Missed: true);
        }

        lock (_gate)
        {
            var pushes = new LogPushes(_batches, _missed);
            (_batches, _missed) = ([], false);
            return pushes;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => unsubscribe(this);

    internal void Push(LogBatch batch) => Change(() =>
    {
        if (_batches.Count == Capacity)
        {
            _batches = [];
            _missed = true;
        }

        if (!_missed)
        {
            _batches.Add(batch);
        }
    });

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
        }

        _wake.Writer.TryWrite(0);
    }
}

/// <summary>What a follower got.</summary>
/// <param name="Batches">Pushed batches, in order; those from before a miss may be among them.</param>
/// <param name="Missed">Whether there may be more in the store than was pushed.</param>
public sealed record LogPushes(IReadOnlyList<LogBatch> Batches, bool Missed);
