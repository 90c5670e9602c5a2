namespace DevOps.Tests.Chaos.Cuts;

/// <summary>Life of one process, counted in what it does to the world: before each round trip to the database, and before
/// or behind calls to servers, engine, repository and probes. It ends at a given point; what the process tries from then on reaches nothing.</summary>
internal sealed class Life
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

    /// <summary>Ends when the life does.</summary>
    public Task Over => _over.Task;

    /// <summary>Where it ended.</summary>
    public string Place { get; private set; } = "";

    /// <summary>It ends at the given point from now, counted from 1.</summary>
    public void EndAt(int point) => Volatile.Write(ref _left, point);

    /// <summary>A point is reached.</summary>
    /// <returns>Whether the process still lives behind it.</returns>
    public bool Pass(string place)
    {
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
