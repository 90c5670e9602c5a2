using DevOps.Core.Queue;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Core.Queue;

public sealed class RetryPolicyTests
{
    [Fact]
    public void Pause_doubles_within_its_jitter()
    {
        var policy = new RetryPolicy(new ManualTime(), new Random(7));

        for (var attempt = 1; attempt <= 6; attempt++)
        {
            var middle = 2 * Math.Pow(2, attempt - 1);
            Assert.All(Enumerable.Range(0, 200), _ => Assert.InRange(policy.Pause(attempt).TotalSeconds, middle * 0.8, middle * 1.2));
        }
    }

    [Fact]
    public void Pause_is_spread_and_not_one_value()
    {
        var policy = new RetryPolicy(new ManualTime(), new Random(7));

        var pauses = Enumerable.Range(0, 200).Select(_ => policy.Pause(5).TotalSeconds).ToList();

        Assert.True(pauses.Max() - pauses.Min() > 8);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(int.MaxValue)]
    public void Pause_never_exceeds_the_longest(int attempt)
    {
        var policy = new RetryPolicy(new ManualTime(), new Random(7));

        Assert.Equal(RetryPolicy.Longest, policy.Pause(attempt));
    }

    [Fact]
    public void NextTry_counts_from_now()
    {
        var time = new ManualTime();
        var policy = new RetryPolicy(time, new Random(7));

        Assert.InRange(policy.NextTry(1), time.GetUtcNow().AddSeconds(1.6), time.GetUtcNow().AddSeconds(2.4));
    }

    [Fact]
    public void Pause_of_no_attempt_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(new ManualTime(), new Random(7)).Pause(0));
}
