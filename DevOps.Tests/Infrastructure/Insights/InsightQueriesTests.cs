using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Insights;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Insights;

/// <summary>Figures and the first page, of real deployments on a real database.</summary>
public sealed class InsightQueriesTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private InsightQueries Queries => platform.Services.GetRequiredService<InsightQueries>();

    private DashboardQueries Dashboard => platform.Services.GetRequiredService<DashboardQueries>();

    [Fact]
    public async Task Deployments_become_figures_with_the_commits_time()
    {
        var project = await platform.ProjectAsync();
        var good = await platform.DeployAsync(project);
        platform.Hosts[project.Servers[0]].Exit(c => c.Script.StartsWith("restart", StringComparison.Ordinal), 1);
        await platform.DeployAsync(project);
        platform.Hosts[project.Servers[0]].Recover();
        await platform.DeployAsync(project);

        var view = await Queries.GetAsync(Actor.Platform, new InsightFilter(project.Key, "dev", null, null), CancellationToken.None);

        Assert.Equal((2, 1, 0), (view.Report.Succeeded, view.Report.Failed, view.Report.Other));
        Assert.Equal((1, 1), (view.Report.LeadTime.Count, view.Report.TimeToRestore.Count));
        Assert.Contains(view.Steps, s => s.Step == StepName.Upload && s.Duration.Count == 2);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var commit = (await db.Deployments.SingleAsync(d => d.Id == good.Id)).CommitAt;
        Assert.NotNull(commit);
        Assert.Equal(commit, await db.Releases.Where(r => r.ProjectId == project.Id).Select(r => r.CommitAt).SingleAsync());
    }

    [Fact]
    public async Task What_was_before_the_span_counts_into_it()
    {
        var project = await platform.ProjectAsync();
        var now = TimeProvider.System.GetUtcNow();
        await SeedAsync(project, (DeploymentStatus.Succeeded, 7, now.AddDays(-9)), (DeploymentStatus.Failed, 8, now.AddDays(-8)), (DeploymentStatus.Failed, 8, now.AddDays(-7)), (DeploymentStatus.Succeeded, 7, now.AddDays(-2)));

        var view = await Queries.GetAsync(Actor.Platform, new InsightFilter(project.Key, null, now.AddDays(-5), now), CancellationToken.None);

        Assert.Equal(TimeSpan.FromDays(6), view.Report.TimeToRestore.Median);
        Assert.Equal(0, view.Report.LeadTime.Count);
    }

    [Fact]
    public async Task Span_that_ends_before_it_begins_or_is_too_long_is_refused()
    {
        var now = TimeProvider.System.GetUtcNow();

        await Assert.ThrowsAsync<InvalidInput>(() => Queries.GetAsync(Actor.Platform, new InsightFilter(null, null, now, now.AddDays(-1)), CancellationToken.None));
        await Assert.ThrowsAsync<InvalidInput>(() => Queries.GetAsync(Actor.Platform, new InsightFilter(null, null, now.AddDays(-400), now), CancellationToken.None));
        await Assert.ThrowsAsync<NotFound>(() => Queries.GetAsync(Rooms.Member("eve", 0, Role.Viewer), new InsightFilter("shop-1", null, null, null), CancellationToken.None));
    }

    [Fact]
    public async Task First_page_tells_what_runs_waits_and_is_current()
    {
        var project = await platform.ProjectAsync(deploy: d => d with { Restart = ["restart shop"] });
        await platform.DeployAsync(project);
        var held = platform.Hosts[project.Servers[0]].Hold(c => c.Script.StartsWith("restart", StringComparison.Ordinal));
        var running = await platform.RequestAsync(project);
        await held.Started;
        var waiting = await platform.RequestAsync(project);
        var eve = Rooms.Member("eve", project.Id, Role.Viewer);

        var now = await Dashboard.NowAsync(eve, CancellationToken.None);

        var run = Assert.Single(now.Running);
        Assert.Equal((running, StepName.Restart), (run.Id, run.Step));
        Assert.InRange(run.Done, 0.5, 0.99);
        Assert.NotNull(run.Usual);
        Assert.Equal((waiting, false), (Assert.Single(now.Waiting).Id, now.Waiting[0].ForMe));
        var row = Assert.Single(now.Matrix);
        Assert.Equal((project.Key, false), (row.Key, row.MayDeploy));
        Assert.Equal((DeploymentStatus.Queued, 1), (Assert.Single(row.Cells).NewestStatus, row.Cells.Count));
        Assert.Empty(now.Troubles);
        held.Release();
        await platform.WaitAsync(waiting, d => d.Status.IsFinal());
        var figures = await Dashboard.FiguresAsync(eve, CancellationToken.None);
        Assert.Equal(3, figures.Week.Succeeded);
        Assert.Equal((project.Key, 3, 0), (Assert.Single(figures.Projects).Key, figures.Projects[0].Deployments, figures.Projects[0].Failed));
        Assert.Equal(3, figures.Days[^1].Succeeded + figures.Days[^2].Succeeded);
    }

    [Fact]
    public async Task Approval_waits_for_those_who_may_give_it_and_did_not_ask()
    {
        var project = await platform.ProjectAsync();
        await using (var db = await platform.Contexts.CreateDbContextAsync())
        {
            var waiting = new Deployment { ProjectId = project.Id, EnvironmentId = project.EnvironmentId, RequestedBy = "lin", CreatedAt = TimeProvider.System.GetUtcNow() };
            waiting.AwaitApproval(new ApprovalRule { Required = 1 }, waiting.CreatedAt);
            db.Deployments.Add(waiting);
            await db.SaveChangesAsync();
        }

        Assert.True(Assert.Single((await Dashboard.NowAsync(Rooms.Member("wang", project.Id, Role.Maintainer), CancellationToken.None)).Waiting).ForMe);
        Assert.False(Assert.Single((await Dashboard.NowAsync(Rooms.Member("lin", project.Id, Role.Maintainer), CancellationToken.None)).Waiting).ForMe);
        Assert.False(Assert.Single((await Dashboard.NowAsync(Rooms.Member("eve", project.Id, Role.Deployer), CancellationToken.None)).Waiting).ForMe);
    }

    private async Task SeedAsync(TestProject project, params (DeploymentStatus Status, int Release, DateTimeOffset At)[] deployments)
    {
        await using var db = await platform.Contexts.CreateDbContextAsync();
        foreach (var (status, release, at) in deployments)
        {
            var deployment = new Deployment { ProjectId = project.Id, EnvironmentId = project.EnvironmentId, RequestedBy = "lin", Release = release, CreatedAt = at, CommitAt = at };
            deployment.MoveTo(DeploymentStatus.Running, at);
            deployment.MoveTo(status, at);
            db.Deployments.Add(deployment);
            await db.SaveChangesAsync();
        }
    }
}
