using DevOps.Core.Deployments;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Queue;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>What is shown and kept of deployments that were not taken up yet, or never will be.</summary>
public sealed class WaitingDeploymentTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly Func<RemoteCommand, bool> Restart = c => c.Script.StartsWith("restart", StringComparison.Ordinal);

    [Fact]
    public async Task Deployment_that_waits_shows_the_steps_it_is_going_to_walk()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        var running = await platform.RequestAsync(project);
        await held.Started;

        var waiting = await platform.ReadAsync(await platform.RequestAsync(project));

        Assert.Equal(DeploymentStatus.Queued, waiting.Status);
        Assert.All(waiting.Steps, s => Assert.Equal(StepStatus.Pending, s.Status));
        Assert.Equal((await platform.ReadAsync(running)).Steps.Select(s => (s.Name, s.Server)), waiting.Steps.Select(s => (s.Name, s.Server)));
        held.Release();
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(waiting.Id, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task Superseded_deployment_ends_with_its_job_and_nothing_of_it_is_left_open()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        await platform.RequestAsync(project);
        await held.Started;
        var older = await platform.RequestAsync(project);

        var newer = await platform.RequestAsync(project);

        var ended = await platform.ReadAsync(older);
        Assert.Equal((DeploymentStatus.Superseded, $"Deployment #{newer} took its place."), (ended.Status, ended.Error?.ToString()));
        Assert.All(ended.Steps, s => Assert.Equal(StepStatus.Skipped, s.Status));
        Assert.All(ended.Servers, s => Assert.Equal(ServerStatus.Skipped, s.Status));
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var row = await db.Deployments.SingleAsync(d => d.Id == older);
        Assert.True(row.LogComplete);
        Assert.Equal(JobState.Cancelled, await db.Jobs.Where(j => j.Id == row.JobId).Select(j => j.State).SingleAsync());
        held.Release();
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(newer, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task Deployment_that_a_worker_has_just_taken_is_left_to_run_when_a_newer_one_comes()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        await platform.RequestAsync(project);
        await held.Started;
        var taken = await platform.RequestAsync(project);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var job = await db.Deployments.Where(d => d.Id == taken).Select(d => d.JobId).SingleAsync();
        var key = await db.Jobs.Where(j => j.Id == job).Select(j => j.LockKey).SingleAsync();
        await db.Database.ExecuteSqlAsync($"UPDATE jobs SET state = 'running', lock_key = NULL, leased_by = 'another', leased_until = now() + interval '1 hour' WHERE id = {job}");

        var newer = await platform.RequestAsync(project);

        Assert.Equal(DeploymentStatus.Queued, (await platform.ReadAsync(taken)).Status);
        await db.Database.ExecuteSqlAsync($"UPDATE jobs SET state = 'available', lock_key = {key}, leased_by = NULL, leased_until = NULL WHERE id = {job}");
        held.Release();
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(taken, d => d.Status.IsFinal())).Status);
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(newer, d => d.Status.IsFinal())).Status);
    }
}
