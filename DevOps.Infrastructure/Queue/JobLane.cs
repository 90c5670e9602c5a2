namespace DevOps.Infrastructure.Queue;

/// <summary>Slots of a worker for some kinds of jobs, with a bell of its own: lanes neither wait for each other nor wake each other.</summary>
internal sealed class JobLane : IDisposable
{
    private readonly Bell _bell = new();
    private readonly int _slots;
    private readonly QueueRoom _room;
    private readonly IDisposable _subscription;
    private int _busy;
    private long _lastTurn;

    public JobLane(QueueRoom room, int slots, IReadOnlyCollection<string> kinds, Func<JobLane, JobSuccession> succession)
    {
        (_room, _slots, Kinds) = (room, slots, kinds);
        Next = succession(this);
        _subscription = room.Signal.OnWake(kinds, Wake);
        NoteTurn();
    }

    public IReadOnlyCollection<string> Kinds { get; }

    /// <summary>Who takes over the slots of turns that end.</summary>
    public JobSuccession Next { get; }

    public int Busy => Volatile.Read(ref _busy);

    public int Free => _slots - Busy;

    /// <summary>How long ago the lane's loop turned, on the monotonic clock.</summary>
    public TimeSpan Age => _room.Time.GetElapsedTime(Interlocked.Read(ref _lastTurn));

    public void NoteTurn() => Interlocked.Exchange(ref _lastTurn, _room.Time.GetTimestamp());

    public void Enter() => Interlocked.Increment(ref _busy);

    public void Leave() => Interlocked.Decrement(ref _busy);

    /// <summary>Waits until there may be something to take, at most the given time.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task RestAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        await _bell.WaitAsync(longest, _room.Time, cancellationToken);

        // Behind those who leave in the same moment: one look takes for all of them.
        await FairTurn.WaitAsync();
    }

    public void Dispose() => _subscription.Dispose();

    // With no slot free there is nothing to look for: whoever leaves wakes again.
    private void Wake()
    {
        if (Free > 0)
        {
            _bell.Ring();
        }
    }
}
