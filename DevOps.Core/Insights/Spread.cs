namespace DevOps.Core.Insights;

/// <summary>How long something took, over several times.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Median">The middle one; null without any.</param>
/// <param name="P95">Nineteen of twenty took no longer; null without any.</param>
public sealed record Spread(int Count, TimeSpan? Median, TimeSpan? P95)
{
    /// <summary>The spread of some durations. Values between two of them are interpolated, as PostgreSQL's <c>percentile_cont</c> does.</summary>
    public static Spread Of(IEnumerable<TimeSpan> durations)
    {
        var sorted = durations.Order().ToList();
        return sorted.Count == 0 ? new Spread(0, null, null) : new Spread(sorted.Count, At(sorted, 0.5), At(sorted, 0.95));
    }

    private static TimeSpan At(List<TimeSpan> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var below = (int)Math.Floor(place);
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (place - below));
    }
}
