using DevOps.Core.Access;
using DevOps.Core.Applications;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Queue;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>What follows the final state of a deployment: its log is closed and its environment is free. Its servers are left as they are.</summary>
public sealed class EndedDeploymentTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private const int LastAttempt = 3;

    private static readonly Func<RemoteCommand, bool> Restart = c => c.Script.StartsWith("restart", StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(LastAttempt)]
    public async Task Success_is_not_taken_back_when_its_worker_died_before_the_log_was_closed(int attempt)
    {
        var project = await platform.ProjectAsync();
        await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Next");
        var second = await platform.DeployAsync(project);
        var log = await platform.LogAsync(second.Id);
        var host = platform.Hosts[project.Servers[0]];
        var before = host.Scripts.Count;

        await DieBeforeTheLogIsClosedAsync(second.Id, attempt);

        Assert.Equal(log, await platform.LogAsync(second.Id));
        var after = await platform.ReadAsync(second.Id);
        Assert.Equal((DeploymentStatus.Succeeded, RollbackState.None, second.Release), (after.Status, after.Rollback, host.Current));
        Assert.Equal(before, host.Scripts.Count);
    }

    [Fact]
    public async Task Servers_that_a_failure_left_on_the_new_release_stay_there_when_its_worker_died_before_the_log_was_closed()
    {
        var project = await platform.ProjectAsync(servers: 2, deploy: d => d with { Rolling = d.Rolling with { MaxFailures = 1 } });
        var first = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Next");
        var (good, bad) = (platform.Hosts[project.Servers[0]], platform.Hosts[project.Servers[1]]);
        bad.Exit(c => Restart(c) && bad.Current != first.Release, 1);
        var second = await platform.DeployAsync(project);
        await platform.LogAsync(second.Id);

        await DieBeforeTheLogIsClosedAsync(second.Id);

        await platform.LogAsync(second.Id);
        var after = await platform.ReadAsync(second.Id);
        Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (after.Status, after.Rollback));
        Assert.Equal((second.Release, first.Release), (good.Current, bad.Current));
    }

    [Fact]
    public async Task Cancelled_deployment_that_was_taken_back_still_says_so_when_its_worker_died_before_the_log_was_closed()
    {
        var (project, cancelled, good) = await TakenBackAsync();
        var host = platform.Hosts[project.Servers[0]];
        var before = host.Scripts.Count;

        await DieBeforeTheLogIsClosedAsync(cancelled);

        await platform.LogAsync(cancelled);
        Assert.Equal((RollbackState.Complete, good, before), ((await platform.ReadAsync(cancelled)).Rollback, host.Current, host.Scripts.Count));
    }

    [Fact]
    public async Task Way_back_that_was_cut_off_behind_its_work_is_finished()
    {
        var (project, cancelled, good) = await TakenBackAsync();
        await using (var db = await platform.Contexts.CreateDbContextAsync())
        {
            await db.DeploymentSteps.Where(s => s.DeploymentId == cancelled && s.Name == StepName.Rollback).ExecuteUpdateAsync(set => set.SetProperty(s => s.Status, StepStatus.Running).SetProperty(s => s.FinishedAt, default(DateTimeOffset?)));
            await db.DeploymentServers.Where(s => s.DeploymentId == cancelled).ExecuteUpdateAsync(set => set.SetProperty(s => s.Status, ServerStatus.Failed));
            await db.Deployments.Where(d => d.Id == cancelled).ExecuteUpdateAsync(set => set.SetProperty(d => d.Rollback, RollbackState.None));
        }

        await DieBeforeTheLogIsClosedAsync(cancelled);

        await platform.LogAsync(cancelled);
        var after = await platform.ReadAsync(cancelled);
        Assert.Equal((RollbackState.Complete, ServerStatus.RolledBack, good), (after.Rollback, Assert.Single(after.Servers).Status, platform.Hosts[project.Servers[0]].Current));
        Assert.Equal(StepStatus.Succeeded, after.Steps.Single(s => s.Name == StepName.Rollback).Status);
    }

    [Fact]
    public async Task Cancelled_deployment_whose_way_back_is_given_up_says_that_its_servers_were_not_all_taken_back()
    {
        var project = await platform.ProjectAsync();
        var deployment = await platform.DeployAsync(project);
        await platform.LogAsync(deployment.Id);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        await db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeploymentStatus.Cancelled));

        await DieBeforeTheLogIsClosedAsync(deployment.Id, LastAttempt);

        await platform.LogAsync(deployment.Id);
        var after = await platform.ReadAsync(deployment.Id);
        Assert.Equal((DeploymentStatus.Cancelled, RollbackState.Partial), (after.Status, after.Rollback));
    }

    [Fact]
    public async Task Action_in_the_moment_of_the_end_is_not_refused()
    {
        var project = await platform.ProjectAsync(deploy: d => d with { Control = new ControlSpec { Stop = "stop shop" } });
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        using var end = new EndOf(platform, await platform.RequestAsync(project));
        held.Release();
        await end.Reached;

        var stopped = await platform.Services.GetRequiredService<ControlApplication>().RunAsync(
            Actor.Platform, new ApplicationName(project.Key, "dev", project.Servers[0]), ControlAction.Stop, CancellationToken.None);

        Assert.Equal(0, stopped.ExitCode);
        Assert.False(await end.LogIsCompleteAsync());
    }

    private async Task<(TestProject Project, long Cancelled, int? Good)> TakenBackAsync()
    {
        var (project, good, cancelled) = await platform.CancelBehindTheSwitchAsync();
        await platform.LogAsync(cancelled);
        return (project, cancelled, good.Release);
    }

    // What the next worker finds: a final state, an open log, and a job whose lease ran out.
    private async Task DieBeforeTheLogIsClosedAsync(long deployment, int attempt = 1)
    {
        await using var db = await platform.Contexts.CreateDbContextAsync();
        await db.Database.ExecuteSqlAsync($"""
            UPDATE deployments SET log_complete = false WHERE id = {deployment};
            INSERT INTO jobs (kind, payload, state, priority, run_after, lock_key, attempt, max_attempts, created_at)
            SELECT kind, payload, 'available', priority, now(), 'environment:' || d.environment_id, {attempt}, {LastAttempt}, now()
            FROM deployments d JOIN jobs j ON j.id = d.job_id WHERE d.id = {deployment}
            """);
        platform.Services.GetRequiredService<JobQueue>().Wake();
    }

    /// <summary>Keeps the worker of a deployment in the moment in which its final state is written and its log is not closed yet.</summary>
    private sealed class EndOf : IDisposable
    {
        private readonly DeploymentFixture _platform;
        private readonly long _deployment;
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _goOn = new();
        private readonly IDisposable _subscription;

        public EndOf(DeploymentFixture platform, long deployment)
        {
            (_platform, _deployment) = (platform, deployment);
            _subscription = platform.Services.GetRequiredService<ChangeFeed>().Subscribe(Look);
        }

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public async Task<bool> LogIsCompleteAsync()
        {
            await using var db = await _platform.Contexts.CreateDbContextAsync();
            return await db.Deployments.Where(d => d.Id == _deployment).Select(d => d.LogComplete).SingleAsync();
        }

        public void Dispose()
        {
            _subscription.Dispose();
            _goOn.Set();
        }

        private void Look(Change change)
        {
            if (change.Kind != ChangeKind.Deployment || change.Id != _deployment || _reached.Task.IsCompleted)
            {
                return;
            }

            using var db = _platform.Contexts.CreateDbContext();
            if (db.Deployments.Where(d => d.Id == _deployment).Select(d => d.Status).Single().IsFinal())
            {
                _reached.TrySetResult();
                _goOn.Wait(TimeSpan.FromSeconds(60));
            }
        }
    }
}
