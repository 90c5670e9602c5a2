namespace DevOps.Tests.Fakes;

/// <summary>A clock moved by hand. The wall clock and the monotonic one move together with <see cref="Advance"/>; <see cref="JumpWallClock"/> moves the wall clock alone,
/// as an administrator or a time server does.</summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private long _ticks;
    private int _created;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _wall;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _created++;
            _waiting.FindAll(w => w.Count <= _created).ForEach(w => w.Reached.TrySetResult());
        }

        return timer;
    }

    /// <summary>Ends when that many timers were made since the beginning: what waits on this clock has come to its wait.</summary>
    public Task WhenTimersMadeAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_created >= count)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((count, reached));
        }

        return reached.Task;
    }

    public void JumpWallClock(TimeSpan by) => _wall += by;

    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_gate)
        {
            _ticks += by.Ticks;
            _wall += by;
            due = _timers.FindAll(t => t.DueAt <= _ticks);
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(t => t.Fire());
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public long DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                _period = period;
                time._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueAt = time._ticks + dueTime.Ticks;
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Fire()
        {
            if (_period != Timeout.InfiniteTimeSpan)
            {
                Change(_period, _period);
            }

            callback(state);
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
