using System.Globalization;

namespace DevOps.Tests.Benchmarks;

/// <summary>What this process holds, from before something to after it, with the highest reading in between.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _end = new();
    private readonly (long Managed, long Whole) _before = Settled();
    private readonly Task _watching;
    private (long Managed, long Whole) _peak;

    public MemoryWatch() => _watching = Task.Run(WatchAsync);

    /// <summary>Ends the watching; MiB before, at the peak, and after everything that can be let go was.</summary>
    public async Task<(string Managed, string Whole)> EndAsync()
    {
        await _end.CancelAsync();
        await _watching;
        var after = Settled();
        return (Say(_before.Managed, _peak.Managed, after.Managed), Say(_before.Whole, _peak.Whole, after.Whole));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private static (long Managed, long Whole) Settled()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }

    private static string Say(params long[] bytes) => string.Join(", ", bytes.Select(b => (b / 1024 / 1024).ToString(CultureInfo.InvariantCulture)));

    private async Task WatchAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            _peak = (Math.Max(_peak.Managed, GC.GetTotalMemory(forceFullCollection: false)), Math.Max(_peak.Whole, Environment.WorkingSet));
            await Task.Delay(Every, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
