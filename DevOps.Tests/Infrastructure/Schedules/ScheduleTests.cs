using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Schedules;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Schedules;

/// <summary>Schedules on a real database, with the deployments they ask for running onto servers in memory. The moments are the tests' own.</summary>
public sealed class ScheduleTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    // Far from any real moment, so that the clock of the running application never fires it.
    private const string NewYear = "0 3 1 1 *";

    private FireSchedule Fire => platform.Services.GetRequiredService<FireSchedule>();

    [Fact]
    public async Task Due_schedule_asks_for_a_deployment_once_however_many_processes_try()
    {
        var (project, schedule) = await MakeAsync();

        var fired = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear, CancellationToken.None)));

        Assert.Single(fired, f => f);
        var row = await ReadAsync(schedule.Id);
        Assert.Equal(NextNewYear, row.LastFiredAt);
        var deployment = await platform.WaitAsync(row.LastDeploymentId!.Value, d => d.Status.IsFinal());
        Assert.Equal((Trigger.Schedule, "nightly", project.Key), (deployment.Trigger, deployment.RequestedBy, deployment.Project));
        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.Equal(1, await db.Deployments.CountAsync(d => d.ProjectId == project.Id));
    }

    [Fact]
    public async Task Schedule_that_is_not_due_or_switched_off_fires_nothing()
    {
        var (_, schedule) = await MakeAsync();
        var (_, off) = await MakeAsync(d => d with { Enabled = false });

        Assert.False(await Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear.AddSeconds(-1), CancellationToken.None));
        Assert.False(await Fire.RunAsync(Actor.Platform, off.Id, NextNewYear, CancellationToken.None));
        Assert.Null((await ReadAsync(schedule.Id)).LastFiredAt);
    }

    [Fact]
    public async Task Several_times_missed_are_made_up_for_once()
    {
        var (project, schedule) = await MakeAsync();

        Assert.True(await Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear.AddYears(3).AddDays(1), CancellationToken.None));
        Assert.False(await Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear.AddYears(3).AddDays(2), CancellationToken.None));

        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.Equal(1, await db.Deployments.CountAsync(d => d.ProjectId == project.Id));
    }

    [Fact]
    public async Task Only_if_changed_passes_over_a_commit_that_is_deployed_already()
    {
        var (project, schedule) = await MakeAsync(d => d with { OnlyIfChanged = true });
        await platform.DeployAsync(project);

        Assert.True(await Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear, CancellationToken.None));
        Assert.Contains("Nothing new", (await ReadAsync(schedule.Id)).LastResult, StringComparison.Ordinal);

        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "new" }, "Something new");
        Assert.True(await Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear.AddYears(1), CancellationToken.None));
        var row = await ReadAsync(schedule.Id);
        var deployment = await platform.WaitAsync(row.LastDeploymentId!.Value, d => d.Status.IsFinal());
        Assert.Equal("Something new", deployment.Commit.Message);
    }

    [Fact]
    public async Task What_stands_in_the_way_is_said_at_the_schedule()
    {
        var (project, schedule) = await MakeAsync();
        await using (var db = await platform.Contexts.CreateDbContextAsync())
        {
            await db.Environments.Where(e => e.Id == project.EnvironmentId).ExecuteUpdateAsync(set => set.SetProperty(e => e.Servers, new List<string>()));
        }

        Assert.True(await Fire.RunAsync(Actor.Platform, schedule.Id, NextNewYear, CancellationToken.None));

        var row = await ReadAsync(schedule.Id);
        Assert.Contains("has no server", row.LastResult, StringComparison.Ordinal);
        Assert.Null(row.LastDeploymentId);
    }

    [Fact]
    public async Task Clock_of_the_application_fires_what_became_due()
    {
        var (_, schedule) = await MakeAsync();
        await using (var db = await platform.Contexts.CreateDbContextAsync())
        {
            // Due since this morning, as after a night in which nothing ran.
            await db.Schedules.Where(s => s.Id == schedule.Id).ExecuteUpdateAsync(set => set
                .SetProperty(s => s.Cron, "* * * * *").SetProperty(s => s.ChangedAt, TimeProvider.System.GetUtcNow().AddHours(-9)).SetProperty(s => s.Revision, 99));
        }

        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var feed = platform.Services.GetRequiredService<DevOps.Core.Events.ChangeFeed>();
        using var subscription = feed.Subscribe(c =>
        {
            if (c.Kind == DevOps.Core.Events.ChangeKind.Deployment)
            {
                fired.TrySetResult();
            }
        });
        feed.Publish(new DevOps.Core.Events.Change(DevOps.Core.Events.ChangeKind.Schedule, schedule.Id));

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(90));
        Assert.NotNull((await ReadAsync(schedule.Id)).LastFiredAt);
    }

    [Theory]
    [InlineData("30 3 * * 1-5", "Europe/Berlin", "2026-03-27T12:00:00Z", "2026-03-30T01:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("0 30 3 ? * MON", "Asia/Shanghai", "2026-11-24T00:00:00Z", "2026-11-29T19:30:00Z")]
    [InlineData("0 9 1 * *", "UTC", "2026-11-24T00:00:00Z", "2026-12-01T09:00:00Z")]
    public void Times_are_those_of_the_zones_clock(string cron, string zone, string after, string expected)
    {
        var next = CronTimes.Next(cron, zone, DateTimeOffset.Parse(after, System.Globalization.CultureInfo.InvariantCulture))!.Value;

        // In the hour that the clock passes over, what falls into it is due as soon as it is over.
        Assert.InRange(next, DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture).AddMinutes(30));
    }

    [Theory]
    [InlineData("every night")]
    [InlineData("61 3 * * *")]
    [InlineData("* * * * * ?")]
    [InlineData("0 0 3 1 1 ? 2020")]
    public void Words_that_mean_nothing_or_too_often_are_refused(string cron) =>
        Assert.NotNull(CronTimes.Fault(cron, new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData("Europe/Nowhere", "timeZone")]
    [InlineData("Pacific Standard Time", "timeZone")]
    public async Task Zone_of_another_book_is_refused(string zone, string field)
    {
        var refused = await Assert.ThrowsAsync<InvalidInput>(() => MakeAsync(d => d with { TimeZone = zone }));

        Assert.Equal([field], refused.Errors.Keys);
    }

    private static DateTimeOffset NextNewYear => new(TimeProvider.System.GetUtcNow().Year + 1, 1, 1, 3, 0, 0, TimeSpan.Zero);

    private async Task<(TestProject Project, Schedule Schedule)> MakeAsync(Func<ScheduleDraft, ScheduleDraft>? change = null)
    {
        var project = await platform.ProjectAsync();
        var draft = new ScheduleDraft { Name = "nightly", Environment = "dev", Cron = NewYear };
        await platform.Services.GetRequiredService<CreateOrChangeSchedule>().CreateAsync(Actor.Platform, project.Key, change?.Invoke(draft) ?? draft, CancellationToken.None);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        return (project, await db.Schedules.AsNoTracking().SingleAsync(s => s.ProjectId == project.Id));
    }

    private async Task<Schedule> ReadAsync(long id)
    {
        await using var db = await platform.Contexts.CreateDbContextAsync();
        return await db.Schedules.AsNoTracking().SingleAsync(s => s.Id == id);
    }
}
