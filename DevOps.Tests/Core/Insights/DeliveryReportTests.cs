using DevOps.Core.Deployments;
using DevOps.Core.Insights;

namespace DevOps.Tests.Core.Insights;

public sealed class DeliveryReportTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<long, EnvironmentBefore> Unknown = [];

    [Fact]
    public void Nothing_ended_gives_no_rate_and_every_day()
    {
        var report = Report([]);

        Assert.Equal((0, 0.0, null), (report.Succeeded, report.PerDay, report.FailureRate));
        Assert.Equal(new Spread(0, null, null), report.LeadTime);
        Assert.Equal(7, report.Days.Count);
        Assert.Equal((new DateOnly(2026, 11, 2), new DateOnly(2026, 11, 8)), (report.Days[0].Date, report.Days[^1].Date));
    }

    [Fact]
    public void Rates_count_attempts_and_leave_out_what_a_person_stopped()
    {
        var report = Report([At(1), At(2), At(3), Failed(4), At(5, status: DeploymentStatus.Cancelled), At(6, status: DeploymentStatus.Superseded)]);

        Assert.Equal((3, 1, 2), (report.Succeeded, report.Failed, report.Other));
        Assert.Equal(0.25, report.FailureRate);
        Assert.Equal(3 / 7.0, report.PerDay, 10);
        Assert.Equal(new DayOutcomes(new DateOnly(2026, 11, 2), 3, 1, 2), report.Days[0]);
    }

    [Fact]
    public void Lead_time_runs_from_the_commit_and_counts_a_release_once_per_environment()
    {
        var report = Report([
            At(10, release: 1, commit: 8),
            At(12, release: 1, commit: 8),
            At(14, release: 1, commit: 8, environment: 2),
            At(15, release: 2),
        ]);

        Assert.Equal(2, report.LeadTime.Count);
        Assert.Equal(TimeSpan.FromHours(4), report.LeadTime.Median);
    }

    [Fact]
    public void Going_back_is_no_new_change()
    {
        var report = Report([At(10, release: 5, commit: 1), At(11, release: 4, commit: 0), At(12, release: 5, commit: 1)]);

        Assert.Equal(new Spread(1, TimeSpan.FromHours(9), TimeSpan.FromHours(9)), report.LeadTime);
    }

    [Fact]
    public void Release_that_ran_before_the_span_is_not_new_in_it()
    {
        var report = Report([At(10, release: 5, commit: 1), At(11, release: 6, commit: 9)], new() { [1] = new EnvironmentBefore(5, null) });

        Assert.Equal(new Spread(1, TimeSpan.FromHours(2), TimeSpan.FromHours(2)), report.LeadTime);
    }

    [Fact]
    public void Restoring_lasts_from_the_first_failure_to_the_next_success_of_the_same_environment()
    {
        var report = Report([Failed(1), Failed(2), At(2.5, environment: 2), At(4), Failed(5), At(5.5)]);

        Assert.Equal(2, report.TimeToRestore.Count);
        Assert.Equal(TimeSpan.FromHours(1.75), report.TimeToRestore.Median);
    }

    [Fact]
    public void Failure_before_the_span_is_restored_within_it_and_one_without_success_is_not_counted()
    {
        var report = Report([At(2), Failed(3)], new() { [1] = new EnvironmentBefore(1, Monday.AddHours(-2)) });

        Assert.Equal(new Spread(1, TimeSpan.FromHours(4), TimeSpan.FromHours(4)), report.TimeToRestore);
    }

    [Fact]
    public void Queue_time_is_apart_from_duration()
    {
        var report = Report([new DeploymentFact(1, 1, DeploymentStatus.Succeeded, null, Monday, Monday.AddSeconds(30), Monday.AddSeconds(100), null)]);

        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(70)), (report.QueueTime.Median!.Value, report.Duration.Median!.Value));
    }

    [Fact]
    public void Spread_interpolates_between_its_neighbours()
    {
        var spread = Spread.Of(Enumerable.Range(0, 21).Select(i => TimeSpan.FromSeconds(i)));

        Assert.Equal(new Spread(21, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(19)), spread);
        Assert.Equal(TimeSpan.FromSeconds(1.5), Spread.Of([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)]).Median);
    }

    private static DeliveryReport Report(List<DeploymentFact> facts, Dictionary<long, EnvironmentBefore>? before = null) =>
        DeliveryReport.Of(facts, before ?? Unknown, Monday, Monday.AddDays(7));

    private static DeploymentFact Failed(double hour) => At(hour, status: DeploymentStatus.Failed);

    private static DeploymentFact At(double hour, int? release = null, double? commit = null, long environment = 1, DeploymentStatus status = DeploymentStatus.Succeeded) =>
        new(1, environment, status, release, Monday.AddHours(hour), Monday.AddHours(hour), Monday.AddHours(hour), commit is { } at ? Monday.AddHours(at) : null);
}
