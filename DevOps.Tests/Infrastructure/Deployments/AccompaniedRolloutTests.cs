using System.Net;
using System.Net.Http.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Projects;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>The first servers, the time they are watched, and a person's word, on a real database and queue.</summary>
public sealed class AccompaniedRolloutTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly Actor Lin = Rooms.Platform("lin", Role.Deployer);
    private static readonly Func<RemoteCommand, bool> Restart = c => c.Script.StartsWith("restart", StringComparison.Ordinal);

    [Fact]
    public async Task Others_follow_the_first_server_only_after_a_persons_word()
    {
        var project = await ConfirmedAsync(3);
        var id = await platform.RequestAsync(project);

        var waiting = await PausedAsync(id, RolloutPause.Confirmation);
        Assert.Equal("confirmation after the first server", waiting.WaitingFor?.ToString());
        Assert.Equal([ServerStatus.Succeeded, ServerStatus.Pending, ServerStatus.Pending], waiting.Servers.Select(s => s.Status));
        Assert.Empty(platform.Hosts[project.Servers[1]].Commands);

        await ContinueAsync(id, ContinueAction.Continue);

        var done = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal(DeploymentStatus.Succeeded, done.Status);
        Assert.All(done.Servers, s => Assert.Equal(ServerStatus.Succeeded, s.Status));
        Assert.Contains("Waiting for a person", await platform.LogAsync(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deployment_that_waits_for_a_person_holds_the_deploy_lock_but_no_runner()
    {
        var project = await ConfirmedAsync(2);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);
        await HandedBackAsync(project);

        var next = await platform.RequestAsync(project);

        Assert.Equal($"behind #{id}", (await platform.ReadAsync(next)).WaitingFor?.ToString());
        Assert.Equal(DeploymentStatus.Queued, (await platform.ReadAsync(next)).Status);
        await ContinueAsync(id, ContinueAction.Continue);
        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Succeeded);
        await PausedAsync(next, RolloutPause.Confirmation);
        await CancelAsync(next);
        await platform.WaitAsync(next, d => d.Status == DeploymentStatus.Cancelled);
    }

    [Fact]
    public async Task Word_to_go_back_takes_the_first_server_back()
    {
        var project = await ConfirmedAsync(2);
        var good = await GoodAsync(project);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);

        await ContinueAsync(id, ContinueAction.Rollback);

        var ended = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete, "lin had it taken back."), (ended.Status, ended.Rollback, ended.Error?.ToString()));
        Assert.All(project.Servers, s => Assert.Equal(good, platform.Hosts[s].Current));
    }

    [Fact]
    public async Task Cancel_reaches_one_that_waits_for_a_person()
    {
        var project = await ConfirmedAsync(2);
        var good = await GoodAsync(project);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);
        await HandedBackAsync(project);

        await CancelAsync(id);

        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Cancelled && d.Rollback == RollbackState.Complete);
        Assert.Equal(good, platform.Hosts[project.Servers[0]].Current);
    }

    [Fact]
    public async Task Short_soak_is_waited_for_and_health_is_judged_once_more()
    {
        var project = await platform.ProjectAsync(servers: 2, deploy: d => d with { Health = new HealthSpec { Url = "http://{host}:1/healthz" }, Rolling = new RollingSpec { Batch = "1", SoakSeconds = 1 } });

        var done = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, done.Status);
        Assert.Contains("are watched until", await platform.LogAsync(done.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_soak_gives_the_runner_back_says_until_when_and_can_be_cancelled()
    {
        var project = await platform.ProjectAsync(servers: 2, deploy: d => d with { Rolling = new RollingSpec { Batch = "1", SoakSeconds = 3600 } });
        var id = await platform.RequestAsync(project);
        var soaking = await platform.WaitAsync(id, d => d.WaitingFor?.ToString().StartsWith("the end of the soak time", StringComparison.Ordinal) == true);
        await HandedBackAsync(project);
        Assert.Equal((DeploymentStatus.Running, ServerStatus.Pending), (soaking.Status, soaking.Servers[1].Status));

        await CancelAsync(id);

        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Cancelled);
    }

    [Fact]
    public async Task Soak_that_began_before_a_restart_is_not_begun_again()
    {
        var project = await platform.ProjectAsync(servers: 2, deploy: d => d with { Rolling = new RollingSpec { Batch = "1", SoakSeconds = 3600 } });
        var id = await platform.RequestAsync(project);
        await platform.WaitAsync(id, d => d.WaitingFor is not null && d.Servers[0].Status == ServerStatus.Succeeded);
        await HandedBackAsync(project);
        await using (var db = await platform.Contexts.CreateDbContextAsync())
        {
            await db.Deployments.Where(d => d.Id == id).ExecuteUpdateAsync(set => set.SetProperty(d => d.SoakUntil, DateTimeOffset.UtcNow.AddSeconds(-1)));
            await DevOps.Infrastructure.Queue.JobQueue.NudgeAsync(db, $"environment:{project.EnvironmentId}", CancellationToken.None);
        }

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(id, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task Failed_server_is_tried_again_on_a_persons_word()
    {
        var project = await GuidedAsync(2);
        await GoodAsync(project);
        var host = platform.Hosts[project.Servers[0]];
        host.Exit(Restart, 3);
        var id = await platform.RequestAsync(project);
        var waiting = await PausedAsync(id, RolloutPause.Decision);
        Assert.Equal($"a decision about {project.Servers[0]}", waiting.WaitingFor?.ToString());

        host.Recover();
        await ContinueAsync(id, ContinueAction.Retry, project.Servers[0]);
        await PausedAsync(id, RolloutPause.Confirmation);
        await ContinueAsync(id, ContinueAction.Continue);

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(id, d => d.Status.IsFinal())).Status);
    }

    [Theory]
    [InlineData(ContinueAction.Skip)]
    [InlineData(ContinueAction.Continue)]
    public async Task Failed_server_is_passed_over_on_a_persons_word_but_nobody_calls_it_a_success(ContinueAction action)
    {
        var project = await GuidedAsync(3);
        var good = await GoodAsync(project);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);
        platform.Hosts[project.Servers[1]].Exit(Restart, 3);
        await ContinueAsync(id, ContinueAction.Continue);
        await PausedAsync(id, RolloutPause.Decision);

        await ContinueAsync(id, action);

        var ended = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Failed, RollbackState.None), (ended.Status, ended.Rollback));
        Assert.StartsWith("1 of 3 servers failed and a person went on", ended.Error?.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(good, platform.Hosts[project.Servers[2]].Current);
        var again = await platform.Services.GetRequiredService<RetryDeployment>().RunAsync(Lin, id, new RetryOrder(FailedServersOnly: true), Trigger.Manual, CancellationToken.None);
        Assert.Equal([project.Servers[1]], (await platform.ReadAsync(again.Id)).Servers.Select(s => s.Name));
    }

    [Fact]
    public async Task Failure_goes_back_on_a_persons_word()
    {
        var project = await GuidedAsync(2);
        var good = await GoodAsync(project);
        platform.Hosts[project.Servers[0]].Exit(c => Restart(c) && platform.Hosts[project.Servers[0]].Current != good, 3);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Decision);

        await ContinueAsync(id, ContinueAction.Rollback);

        var ended = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (ended.Status, ended.Rollback));
        Assert.Equal(good, platform.Hosts[project.Servers[0]].Current);
    }

    [Fact]
    public async Task Failure_goes_back_by_itself_where_the_project_wants_that()
    {
        var project = await ConfirmedAsync(2);
        var good = await GoodAsync(project);
        platform.Hosts[project.Servers[0]].Exit(c => Restart(c) && platform.Hosts[project.Servers[0]].Current != good, 3);

        var ended = await platform.DeployAsync(project);

        Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (ended.Status, ended.Rollback));
    }

    [Fact]
    public async Task Word_that_does_not_fit_is_refused()
    {
        var project = await ConfirmedAsync(2);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);
        using var viewer = platform.WithToken(await platform.TokenAsync("roll-viewer", Role.Viewer));
        using var deployer = platform.WithToken(await platform.TokenAsync("roll-lin", Role.Deployer));
        var path = $"/api/v1/deployments/{id}/continue";

        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsJsonAsync(path, new { })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await deployer.PostAsJsonAsync(path, new { action = "retry" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await deployer.PostAsJsonAsync(path, new { action = "dance" })).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await deployer.PostAsync(path, null)).StatusCode);
        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Succeeded);
        Assert.Equal(HttpStatusCode.Conflict, (await deployer.PostAsJsonAsync(path, new { action = "continue" })).StatusCode);
    }

    [Fact]
    public async Task Two_words_at_once_count_once()
    {
        var project = await ConfirmedAsync(2);
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);

        var taken = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            try
            {
                await ContinueAsync(id, ContinueAction.Continue);
                return true;
            }
            catch (Conflict)
            {
                return false;
            }
        })));

        Assert.Single(taken, t => t);
        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Succeeded);
    }

    private Task<TestProject> ConfirmedAsync(int servers) =>
        platform.ProjectAsync(servers, d => d with { Rolling = new RollingSpec { Batch = "1", ConfirmAfterFirst = true } });

    private Task<TestProject> GuidedAsync(int servers) =>
        platform.ProjectAsync(servers, d => d with { RollbackOnFailure = false, Rolling = new RollingSpec { Batch = "1", ConfirmAfterFirst = true } });

    // A first release on every server, so that there is something to go back to, and a new commit after it.
    private async Task<int> GoodAsync(TestProject project)
    {
        var id = await platform.RequestAsync(project);
        await PausedAsync(id, RolloutPause.Confirmation);
        await ContinueAsync(id, ContinueAction.Continue);
        var good = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal(DeploymentStatus.Succeeded, good.Status);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "next" }, "Next");
        return good.Release!.Value;
    }

    private Task<DeploymentDetail> PausedAsync(long id, RolloutPause pause) => platform.WaitAsync(id, d => d.Pause == pause || d.Status.IsFinal());

    private async Task HandedBackAsync(TestProject project)
    {
        var key = $"environment:{project.EnvironmentId}";
        await using var db = await platform.Contexts.CreateDbContextAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await db.Jobs.AnyAsync(j => j.LockKey == key && j.State == JobState.Available && j.Attempt > 0, limit.Token))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private Task<DeploymentTicket> ContinueAsync(long id, ContinueAction action, string? server = null) =>
        platform.Services.GetRequiredService<ContinueDeployment>().RunAsync(Lin, id, action, server, CancellationToken.None);

    private Task<DeploymentTicket> CancelAsync(long id) => platform.Services.GetRequiredService<CancelDeployment>().RunAsync(Actor.Platform, id, CancellationToken.None);
}
