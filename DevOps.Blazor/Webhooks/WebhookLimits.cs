using System.Threading.RateLimiting;
using DevOps.Infrastructure.Webhooks;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Webhooks;

/// <summary>How much one address may send to one project. What is not authentic has a small limit of its own, and beyond it nothing from there is read any more.</summary>
public sealed class WebhookLimits(IOptions<WebhookOptions> options) : IDisposable
{
    // Big bodies are held in memory before anyone knows who sent them: never many at once.
    private const int BigAtOnce = 4;

    private readonly PartitionedRateLimiter<Sender> _all = PerMinute(options.Value.PerMinute);
    private readonly PartitionedRateLimiter<Sender> _rejected = PerMinute(options.Value.RejectedPerMinute);
    private readonly SemaphoreSlim _big = new(BigAtOnce);

    /// <summary>Says whether another delivery may come from there now.</summary>
    public bool MayCome(Sender sender)
    {
        using var rejected = _rejected.AttemptAcquire(sender, 0);
        using var all = _all.AttemptAcquire(sender);
        return rejected.IsAcquired && all.IsAcquired;
    }

    /// <summary>Notes that a delivery was not authentic.</summary>
    public void Rejected(Sender sender) => _rejected.AttemptAcquire(sender).Dispose();

    /// <summary>Says whether another big body may be held; who may gives the place back with <see cref="BigDone"/>.</summary>
    public bool MayBeBig() => _big.Wait(0);

    /// <summary>A big body is no longer held.</summary>
    public void BigDone() => _big.Release();

    public void Dispose()
    {
        _all.Dispose();
        _rejected.Dispose();
        _big.Dispose();
    }

    private static PartitionedRateLimiter<Sender> PerMinute(int permits) => PartitionedRateLimiter.Create<Sender, Sender>(sender => RateLimitPartition.GetFixedWindowLimiter(
        sender,
        _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = TimeSpan.FromMinutes(1) }));

    /// <summary>From where to where.</summary>
    /// <param name="Address">Address of the sender.</param>
    /// <param name="ProjectKey">The project, as it stands in the address of the door.</param>
    public readonly record struct Sender(string Address, string ProjectKey);
}
