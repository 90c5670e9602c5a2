namespace DevOps.Infrastructure.Retention;

/// <summary>One duty of keeping the house: removes what is over its limit. Repeatable, and harmless while several processes do it at once.</summary>
public interface IHousekeeping
{
    /// <summary>What it removes, in a few words for the log.</summary>
    string Subject { get; }

    /// <summary>Removes what there is.</summary>
    /// <returns>How many things were removed.</returns>
    Task<int> RunAsync(CancellationToken cancellationToken);
}
