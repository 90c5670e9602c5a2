using DevOps.Core.Deployments;

namespace DevOps.Core.Insights;

/// <summary>What ended on one day.</summary>
/// <param name="Date">The day (UTC).</param>
/// <param name="Succeeded">Deployments that succeeded.</param>
/// <param name="Failed">Deployments that failed.</param>
/// <param name="Other">Deployments that were cancelled, rejected or superseded.</param>
public sealed record DayOutcomes(DateOnly Date, int Succeeded, int Failed, int Other);

/// <summary>Figures of a time span.</summary>
/// <remarks>The four keys of delivery as DORA names them, counted with Octopus Deploy's public formulas where those say more than the names:
/// frequency counts successful deployments; a change failed when its deployment did; restoring lasts from the first failure to the next success in the same
/// environment. Lead time begins with the commit and counts a release once per environment, when it first runs there: going back is no new change.</remarks>
public sealed record DeliveryReport
{
    /// <summary>Deployments that succeeded.</summary>
    public int Succeeded { get; private init; }

    /// <summary>Deployments that failed.</summary>
    public int Failed { get; private init; }

    /// <summary>Deployments that were cancelled, rejected or superseded. They are no attempts and count in no rate.</summary>
    public int Other { get; private init; }

    /// <summary>Successful deployments per day of the time span.</summary>
    public double PerDay { get; private init; }

    /// <summary>Share of the deployments that failed, 0 to 1; null without any that ran to an end.</summary>
    public double? FailureRate { get; private init; }

    /// <summary>From the commit until it ran.</summary>
    public required Spread LeadTime { get; init; }

    /// <summary>From a failure until the environment had a success again.</summary>
    public required Spread TimeToRestore { get; init; }

    /// <summary>From the request until a worker took it.</summary>
    public required Spread QueueTime { get; init; }

    /// <summary>From the take to the end, of those that succeeded.</summary>
    public required Spread Duration { get; init; }

    /// <summary>Every day of the time span, also those on which nothing ended.</summary>
    public required IReadOnlyList<DayOutcomes> Days { get; init; }

    /// <summary>Counts.</summary>
    /// <param name="facts">What ended within the time span, in the order of the ends.</param>
    /// <param name="before">How each environment stood before, where it is known.</param>
    /// <param name="from">Begin of the time span (UTC).</param>
    /// <param name="to">Its end, which is no longer part of it (UTC).</param>
    public static DeliveryReport Of(IReadOnlyList<DeploymentFact> facts, IReadOnlyDictionary<long, EnvironmentBefore> before, DateTimeOffset from, DateTimeOffset to)
    {
        var succeeded = facts.Count(f => f.Status == DeploymentStatus.Succeeded);
        var failed = facts.Count(f => f.Status == DeploymentStatus.Failed);
        return new DeliveryReport
        {
            Succeeded = succeeded,
            Failed = failed,
            Other = facts.Count - succeeded - failed,
            PerDay = succeeded / Math.Max((to - from).TotalDays, 1.0 / 24),
            FailureRate = succeeded + failed == 0 ? null : failed / (double)(succeeded + failed),
            LeadTime = Spread.Of(LeadTimes(facts, before)),
            TimeToRestore = Spread.Of(Restores(facts, before)),
            QueueTime = Spread.Of(facts.Where(f => f.StartedAt is not null).Select(f => f.StartedAt!.Value - f.CreatedAt)),
            Duration = Spread.Of(facts.Where(f => f.Status == DeploymentStatus.Succeeded && f.StartedAt is not null).Select(f => f.FinishedAt - f.StartedAt!.Value)),
            Days = [.. DaysOf(facts, from, to)],
        };
    }

    private static IEnumerable<TimeSpan> LeadTimes(IReadOnlyList<DeploymentFact> facts, IReadOnlyDictionary<long, EnvironmentBefore> before)
    {
        var highest = before.Where(b => b.Value.Release is not null).ToDictionary(b => b.Key, b => b.Value.Release!.Value);
        foreach (var fact in facts.Where(f => f.Status == DeploymentStatus.Succeeded && f.Release is not null))
        {
            if (fact.Release <= highest.GetValueOrDefault(fact.EnvironmentId))
            {
                continue;
            }

            highest[fact.EnvironmentId] = fact.Release!.Value;
            if (fact.CommitAt is { } commit && commit <= fact.FinishedAt)
            {
                yield return fact.FinishedAt - commit;
            }
        }
    }

    private static IEnumerable<TimeSpan> Restores(IReadOnlyList<DeploymentFact> facts, IReadOnlyDictionary<long, EnvironmentBefore> before)
    {
        var failedAt = before.Where(b => b.Value.FailedAt is not null).ToDictionary(b => b.Key, b => b.Value.FailedAt!.Value);
        foreach (var fact in facts)
        {
            if (fact.Status == DeploymentStatus.Failed)
            {
                failedAt.TryAdd(fact.EnvironmentId, fact.FinishedAt);
            }
            else if (fact.Status == DeploymentStatus.Succeeded && failedAt.Remove(fact.EnvironmentId, out var began))
            {
                yield return fact.FinishedAt - began;
            }
        }
    }

    private static IEnumerable<DayOutcomes> DaysOf(IReadOnlyList<DeploymentFact> facts, DateTimeOffset from, DateTimeOffset to)
    {
        var byDay = facts.ToLookup(f => DateOnly.FromDateTime(f.FinishedAt.UtcDateTime), f => f.Status);
        var last = DateOnly.FromDateTime(to.AddTicks(-1).UtcDateTime);
        for (var day = DateOnly.FromDateTime(from.UtcDateTime); day <= last; day = day.AddDays(1))
        {
            var all = byDay[day].ToList();
            var succeeded = all.Count(s => s == DeploymentStatus.Succeeded);
            var failed = all.Count(s => s == DeploymentStatus.Failed);
            yield return new DayOutcomes(day, succeeded, failed, all.Count - succeeded - failed);
        }
    }
}
