using DevOps.Blazor.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Insights;
using DevOps.Infrastructure.Insights;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Insights;

/// <summary>Figures over HTTP.</summary>
public static class InsightEndpoints
{
    /// <summary>Maps <c>/insights</c>.</summary>
    public static void MapInsights(this IEndpointRouteBuilder group) =>
        group.MapGet("/insights", GetAsync).WithTags("Insights").WithName("GetInsights")
            .WithSummary("Deployment frequency, lead time, change failure rate, time to restore and durations, of the last 30 days or from … to (366 days at most).")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Ok<InsightAnswer>> GetAsync(
        Caller caller, InsightQueries insights, string? project, string? environment, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) =>
        TypedResults.Ok(InsightAnswer.Of(await insights.GetAsync(caller.Actor, new InsightFilter(project, environment, from, to), cancellationToken)));
}

/// <summary>How long something took.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="MedianSeconds">The middle one; null without any.</param>
/// <param name="P95Seconds">Nineteen of twenty took no longer; null without any.</param>
public sealed record SpreadAnswer(int Count, double? MedianSeconds, double? P95Seconds)
{
    internal static SpreadAnswer Of(Spread spread) => new(spread.Count, Round(spread.Median), Round(spread.P95));

    private static double? Round(TimeSpan? time) => time is { } some ? Math.Round(some.TotalSeconds, 1) : null;
}

/// <summary>How long a step took.</summary>
public sealed record StepAnswer(StepName Name, SpreadAnswer Duration);

/// <summary>Figures of a time span.</summary>
/// <param name="From">Begin of the time span.</param>
/// <param name="To">Its end.</param>
/// <param name="Deployments">How many ended, by outcome.</param>
/// <param name="DeploymentFrequency">Successful deployments per day.</param>
/// <param name="LeadTime">From the commit until it ran.</param>
/// <param name="ChangeFailureRate">Share of the deployments that failed, 0 to 1; null without any.</param>
/// <param name="TimeToRestore">From a failure until the next success in the same environment.</param>
/// <param name="QueueTime">From the request until a worker took it.</param>
/// <param name="Duration">From the take to the end, of those that succeeded.</param>
/// <param name="Steps">How long each step took.</param>
/// <param name="Days">Outcomes per day.</param>
public sealed record InsightAnswer(
    DateTimeOffset From, DateTimeOffset To, OutcomesAnswer Deployments, double DeploymentFrequency, SpreadAnswer LeadTime, double? ChangeFailureRate,
    SpreadAnswer TimeToRestore, SpreadAnswer QueueTime, SpreadAnswer Duration, IReadOnlyList<StepAnswer> Steps, IReadOnlyList<DayOutcomes> Days)
{
    internal static InsightAnswer Of(InsightView view)
    {
        var report = view.Report;
        return new(
            view.From, view.To, new OutcomesAnswer(report.Succeeded, report.Failed, report.Other), Math.Round(report.PerDay, 3), SpreadAnswer.Of(report.LeadTime),
            report.FailureRate is { } rate ? Math.Round(rate, 4) : null, SpreadAnswer.Of(report.TimeToRestore), SpreadAnswer.Of(report.QueueTime), SpreadAnswer.Of(report.Duration),
            [.. view.Steps.Select(s => new StepAnswer(s.Step, SpreadAnswer.Of(s.Duration)))], report.Days);
    }
}

/// <summary>How many deployments ended.</summary>
/// <param name="Succeeded">Those that succeeded.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Other">Those that were cancelled, rejected or superseded.</param>
public sealed record OutcomesAnswer(int Succeeded, int Failed, int Other);
