using DevOps.Core.Pipeline.Ports;

namespace DevOps.Tests.Fakes;

/// <summary>Answers health checks as its rule says; by default everything is well.</summary>
public sealed class FakeHealthProbe : IHealthProbe
{
    private readonly Lock _lock = new();
    private readonly List<string> _asked = [];

    /// <summary>Whether an address is healthy.</summary>
    public Func<string, bool> Rule { get; set; } = _ => true;

    /// <summary>Addresses that were asked, in order.</summary>
    public IReadOnlyList<string> Asked
    {
        get { lock (_lock) { return [.. _asked]; } }
    }

    public Task<HealthAnswer> AskAsync(string url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _asked.Add(url);
        }

        return Task.FromResult(Rule(url) ? new HealthAnswer(true, "200 in 1 ms") : new HealthAnswer(false, "connection refused"));
    }
}
