namespace DevOps.Infrastructure.Docker;

/// <summary>A limit on standing still, for transfers whose whole length nobody knows.</summary>
public sealed class StallLimit : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenSource _timer;
    private readonly TimeSpan _limit;

    /// <summary>Begins to count.</summary>
    public StallLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _timer = new CancellationTokenSource(limit, time);
        _source = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>Cancelled when nothing moved for too long.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Says that something moved.</summary>
    public void Moved() => _timer.CancelAfter(_limit);

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _timer.Dispose();
    }
}
