using Microsoft.Extensions.Hosting;

namespace DevOps.Infrastructure.Hosting;

/// <summary>Gives memory back to the system when nothing happens. The collector works only while something is allocated: what a busy time needed
/// would stay with a process that rests for a night.</summary>
/// <param name="time">The clock.</param>
/// <param name="allocated">Bytes allocated by the process so far.</param>
/// <param name="giveBack">Collects, and returns what is free.</param>
public sealed class QuietMemory(TimeProvider time, Func<long> allocated, Action giveBack) : BackgroundService
{
    // A page that is open and the platform's own looks around allocate less than this; a deployment or somebody who browses more.
    private const long QuietBytes = 4 << 20;
    private const long WorthBytes = 16 << 20;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private long _lastLook;
    private long _lastGivenBack;

    /// <summary>Over the heap of this process.</summary>
    public static QuietMemory OfThisProcess(TimeProvider time) =>
        new(time, () => GC.GetTotalAllocatedBytes(), () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    /// <summary>Looks once: gives back when little was allocated since the last look, and much since it last gave back.</summary>
    public void Look()
    {
        var now = allocated();
        var quiet = now - _lastLook < QuietBytes;
        _lastLook = now;
        if (quiet && now - _lastGivenBack >= WorthBytes)
        {
            giveBack();
            _lastGivenBack = now;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
    }
}
