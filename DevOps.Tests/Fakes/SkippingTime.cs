namespace DevOps.Tests.Fakes;

/// <summary>The real clock, put forward by hand: what waits for time to pass need not be waited for.</summary>
public sealed class SkippingTime : TimeProvider
{
    private long _skipped;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _skipped));

    /// <summary>Puts the clock forward.</summary>
    public void Skip(TimeSpan by) => Interlocked.Add(ref _skipped, by.Ticks);
}
