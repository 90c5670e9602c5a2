namespace DevOps.Tests.Chaos.Cuts;

/// <summary>Life of one process, counted in what it does to the world: round trips to the database that may write, and calls to servers, engine, repository and probes,
/// each before and after. It ends at a given point; what the process tries from then on reaches nothing.</summary>
internal sealed class Life
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;
    private int _points;

    /// <summary>Ends when the life does.</summary>
    public Task Over => _over.Task;

    /// <summary>Where it ended.</summary>
    public string Place { get; private set; } = "";

    /// <summary>How many points were passed since it was told when to end.</summary>
    public int Points => Volatile.Read(ref _points);

    /// <summary>It ends at the given point from now, counted from 1.</summary>
    public void EndAt(int point)
    {
        Volatile.Write(ref _points, 0);
        Volatile.Write(ref _left, point);
    }

    /// <summary>A point is reached.</summary>
    /// <returns>Whether the process still lives behind it.</returns>
    public bool Pass(string place)
    {
        Interlocked.Increment(ref _points);
        if (Interlocked.Decrement(ref _left) == 0)
        {
            Place = place;
            _over.TrySetResult();
        }

        return !_over.Task.IsCompleted;
    }

    /// <summary>A point is reached from which a dead process does not go on.</summary>
    public void Demand(string place)
    {
        if (!Pass(place))
        {
            throw new IOException($"The process is dead (at {Place}).");
        }
    }
}
