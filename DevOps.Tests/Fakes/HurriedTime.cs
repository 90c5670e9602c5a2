namespace DevOps.Tests.Fakes;

/// <summary>A clock whose timers come due a hundred times sooner: for limits that a test has to live through.</summary>
public sealed class HurriedTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime / 100, period);
}
