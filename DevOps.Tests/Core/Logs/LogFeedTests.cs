using DevOps.Core.Logs;

namespace DevOps.Tests.Core.Logs;

public sealed class LogFeedTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly LogFeed _feed = new();

    [Fact]
    public async Task A_subscriber_gets_the_batches_of_its_deployment_in_order()
    {
        using var subscription = _feed.Subscribe(7);
        _feed.Publish(Batch(7, 1));
        _feed.Publish(Batch(8, 1));
        _feed.Publish(Batch(7, 2));

        var pushes = await subscription.NextAsync(Long, TimeProvider.System, CancellationToken.None);

        Assert.Equal([1L, 2L], pushes.Batches.Select(b => b.First));
        Assert.False(pushes.Missed);
    }

    [Fact]
    public async Task A_slow_subscriber_is_told_to_read_and_nothing_is_held_for_it()
    {
        using var subscription = _feed.Subscribe(7);
        for (var n = 1; n <= LogSubscription.Capacity + 5; n++)
        {
            _feed.Publish(Batch(7, n));
        }

        var pushes = await subscription.NextAsync(Long, TimeProvider.System, CancellationToken.None);

        Assert.Empty(pushes.Batches);
        Assert.True(pushes.Missed);

        _feed.Publish(Batch(7, 100));
        pushes = await subscription.NextAsync(Long, TimeProvider.System, CancellationToken.None);
        Assert.Equal([100L], pushes.Batches.Select(b => b.First));
        Assert.False(pushes.Missed);
    }

    [Fact]
    public async Task Nobody_is_pushed_after_the_end_of_the_subscription()
    {
        var subscription = _feed.Subscribe(7);
        subscription.Dispose();
        _feed.Publish(Batch(7, 1));

        var pushes = await subscription.NextAsync(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);

        Assert.Empty(pushes.Batches);
    }

    [Fact]
    public async Task A_subscriber_that_hears_nothing_is_sent_to_the_store()
    {
        using var subscription = _feed.Subscribe(7);

        var pushes = await subscription.NextAsync(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);

        Assert.True(pushes.Missed);
    }

    private static LogBatch Batch(long deployment, long n) =>
        new(deployment, [new LogLine(n, DateTimeOffset.UnixEpoch, null, null, LogStream.Out, "x")], Complete: false);
}
