using DevOps.Core.Refusals;

namespace DevOps.Core.Pipeline.Ports;

/// <summary>Asks an address over HTTP. Addresses that must not be reached (metadata services, the platform's database) are refused.</summary>
public interface IHealthProbe
{
    /// <summary>Asks once, without following redirects.</summary>
    /// <returns>What came back; an answer that is not good is a result, not an exception.</returns>
    Task<HealthAnswer> AskAsync(string url, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>What one try brought.</summary>
/// <param name="Good">Whether it counts as healthy.</param>
/// <param name="Text">A few words for the log: <c>200 in 41 ms</c>, <c>connection refused</c>.</param>
public sealed record HealthAnswer(bool Good, Sentence Text);
