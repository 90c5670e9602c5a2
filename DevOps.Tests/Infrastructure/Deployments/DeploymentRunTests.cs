using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>Deployments through the real queue, journal and log, on a real database.</summary>
public sealed class DeploymentRunTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly Func<RemoteCommand, bool> Restart = c => c.Script.StartsWith("restart", StringComparison.Ordinal);

    [Fact]
    public async Task Deployment_that_goes_well_succeeds_with_every_step_told()
    {
        var project = await platform.ProjectAsync(deploy: d => d with { BeforeActivate = ["./migrate"], Health = new HealthSpec { Url = "http://{host}:1/healthz" } });

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, deployment.Status);
        Assert.All(deployment.Steps, s => Assert.Equal(StepStatus.Succeeded, s.Status));
        Assert.Equal([StepName.Checkout, StepName.Build, StepName.Package, StepName.Upload, StepName.BeforeActivate, StepName.Activate, StepName.Restart, StepName.Health, StepName.Cleanup], deployment.Steps.Select(s => s.Name));
        var server = Assert.Single(deployment.Servers);
        Assert.Equal((ServerStatus.Succeeded, deployment.Release), (server.Status, server.Release));
        Assert.Equal(deployment.Release, platform.Hosts[server.Name].Current);
        Assert.Contains("$ ./migrate", await platform.LogAsync(deployment.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_with_nothing_to_do_are_skipped_and_not_called_done()
    {
        var project = await platform.ProjectAsync(deploy: d => d with { Restart = [] });

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, deployment.Status);
        Assert.Equal([StepName.BeforeActivate, StepName.Restart, StepName.Health], deployment.Steps.Where(s => s.Status == StepStatus.Skipped).Select(s => s.Name));
    }

    [Fact]
    public async Task Same_commit_and_build_uses_the_release_again()
    {
        var project = await platform.ProjectAsync();
        var first = await platform.DeployAsync(project);

        var second = await platform.DeployAsync(project);

        Assert.Equal(first.Release, second.Release);
        Assert.Equal(StepStatus.Skipped, second.Steps.Single(s => s.Name == StepName.Build).Status);
    }

    [Fact]
    public async Task Build_that_fails_fails_the_deployment_with_code_and_last_lines()
    {
        platform.Engine.ExitCode = 7;
        platform.Engine.Lines.Add("cannot find module left-pad");
        try
        {
            var project = await platform.ProjectAsync();

            var deployment = await platform.DeployAsync(project);

            Assert.Equal(DeploymentStatus.Failed, deployment.Status);
            Assert.Contains("exit code 7", deployment.Error?.ToString(), StringComparison.Ordinal);
            Assert.Contains("left-pad", deployment.Error?.ToString(), StringComparison.Ordinal);
            Assert.Equal(7, deployment.Steps.Single(s => s.Name == StepName.Build).ExitCode);
            Assert.All(deployment.Steps.Where(s => s.Server is not null), s => Assert.Equal(StepStatus.Skipped, s.Status));
            Assert.Empty(platform.Hosts[project.Servers[0]].Commands);
        }
        finally
        {
            platform.Engine.ExitCode = 0;
            platform.Engine.Lines.Clear();
        }
    }

    [Fact]
    public async Task Server_that_fails_takes_every_switched_server_back()
    {
        var project = await platform.ProjectAsync(servers: 3, deploy: d => d with { Rolling = new RollingSpec { Batch = "1" } });
        var good = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "broken" }, "Break it");
        platform.Hosts[project.Servers[1]].Exit(c => Restart(c) && platform.Hosts[project.Servers[1]].Current != good.Release, 3, error: "unit shop failed");

        var deployment = await platform.DeployAsync(project);

        Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (deployment.Status, deployment.Rollback));
        Assert.Equal([ServerStatus.RolledBack, ServerStatus.RolledBack, ServerStatus.Skipped], deployment.Servers.Select(s => s.Status));
        Assert.All(project.Servers, s => Assert.Equal(good.Release, platform.Hosts[s].Current));
        Assert.Contains("exit code 3", deployment.Error?.ToString(), StringComparison.Ordinal);
        Assert.Contains("unit shop failed", await platform.LogAsync(deployment.Id), StringComparison.Ordinal);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.All(await db.Applications.Where(a => a.EnvironmentId == project.EnvironmentId).ToListAsync(), a => Assert.Equal(good.Release, a.Release));
    }

    [Fact]
    public async Task Error_is_kept_in_English_and_as_a_sentence_and_secrets_are_in_neither()
    {
        var project = await platform.ProjectAsync();
        var secret = project.Key.Replace("shop-", "hunter2-", StringComparison.Ordinal);
        platform.Hosts[project.Servers[0]].Exit(Restart, 3, output: $"sign-in with {secret} refused\n");

        var id = (await platform.DeployAsync(project)).Id;

        await using var db = await platform.Contexts.CreateDbContextAsync();
        var deployment = await db.Deployments.AsNoTracking().Include(d => d.Servers).SingleAsync(d => d.Id == id);
        Assert.Equal("\"{0}\" on {1} ended with exit code {2}.", Assert.IsType<Sentence>(deployment.ErrorSentence!.Arguments[0]).Format);
        Assert.Equal(deployment.Error, deployment.ErrorSentence.ToString());
        Assert.Contains("sign-in with", deployment.Error, StringComparison.Ordinal);
        Assert.All(
            [deployment.Error!, Json(deployment.ErrorSentence), Json(Assert.Single(deployment.Servers).ErrorSentence!)],
            text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));

        static string Json(Sentence sentence) => System.Text.Json.JsonSerializer.Serialize(sentence, DevOps.Infrastructure.Persistence.Json.Options);
    }

    [Fact]
    public async Task Health_that_never_comes_goes_back()
    {
        var project = await platform.ProjectAsync(deploy: d => d with { Health = new HealthSpec { Url = "http://{host}:{release}/healthz", Retries = 2, IntervalSeconds = 0 } });
        var good = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Hang");
        platform.Health.Rule = url => url.Contains($":{good.Release}/", StringComparison.Ordinal);
        try
        {
            var deployment = await platform.DeployAsync(project);

            Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (deployment.Status, deployment.Rollback));
            Assert.Equal(good.Release, platform.Hosts[project.Servers[0]].Current);
        }
        finally
        {
            platform.Health.Rule = _ => true;
        }
    }

    [Fact]
    public async Task Way_back_that_fails_is_called_partial_and_says_what_is_current()
    {
        var project = await platform.ProjectAsync();
        var good = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Break for good");
        platform.Hosts[project.Servers[0]].Exit(Restart, 1);

        var deployment = await platform.DeployAsync(project);

        Assert.Equal((DeploymentStatus.Failed, RollbackState.Partial), (deployment.Status, deployment.Rollback));
        Assert.Contains("way back failed", Assert.Single(deployment.Servers).Error?.ToString(), StringComparison.Ordinal);
        Assert.Equal(good.Release, platform.Hosts[project.Servers[0]].Current);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.Equal(good.Release, (await db.Applications.SingleAsync(a => a.EnvironmentId == project.EnvironmentId)).Release);
    }

    [Fact]
    public async Task Fewer_failures_than_allowed_let_the_others_go_on_but_are_no_success()
    {
        var project = await platform.ProjectAsync(servers: 3, deploy: d => d with { Rolling = new RollingSpec { Batch = "1", MaxFailures = 1 } });
        await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Partly");
        platform.Hosts[project.Servers[0]].FailUploads(new StepFailure("disk full"));

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Failed, deployment.Status);
        Assert.Equal([ServerStatus.Failed, ServerStatus.Succeeded, ServerStatus.Succeeded], deployment.Servers.Select(s => s.Status));
        Assert.StartsWith("1 of 3 servers failed", deployment.Error?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_key_that_changed_sends_nothing()
    {
        var project = await platform.ProjectAsync();
        platform.Hosts[project.Servers[0]].ChangeKey();

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Failed, deployment.Status);
        Assert.Contains("SHA256:presented", deployment.Error?.ToString(), StringComparison.Ordinal);
        Assert.Empty(platform.Hosts[project.Servers[0]].Uploads);
    }

    [Fact]
    public async Task Second_deployment_of_an_environment_waits_for_the_first()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        var first = await platform.RequestAsync(project);
        await held.Started;

        var second = await platform.RequestAsync(project);

        Assert.Equal($"behind #{first}", (await platform.ReadAsync(second)).WaitingFor?.ToString());
        held.Release();
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(second, d => d.Status.IsFinal())).Status);
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.ReadAsync(first)).Status);
    }

    [Fact]
    public async Task Newer_request_takes_the_place_of_one_that_waits()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        await platform.RequestAsync(project);
        await held.Started;
        var second = await platform.RequestAsync(project);

        var third = await platform.RequestAsync(project);

        Assert.Equal(DeploymentStatus.Superseded, (await platform.ReadAsync(second)).Status);
        held.Release();
        await platform.WaitAsync(third, d => d.Status == DeploymentStatus.Succeeded);
    }

    [Fact]
    public async Task Request_for_one_server_does_not_swallow_one_for_another()
    {
        var project = await platform.ProjectAsync(servers: 2);
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        await platform.RequestAsync(project);
        await held.Started;
        var second = await platform.RequestAsync(project, new DeploymentRequest { Environment = "dev", Servers = [project.Servers[0]] });

        await platform.RequestAsync(project, new DeploymentRequest { Environment = "dev", Servers = [project.Servers[1]] });

        Assert.Equal(DeploymentStatus.Queued, (await platform.ReadAsync(second)).Status);
        held.Release();
        await platform.WaitAsync(second, d => d.Status == DeploymentStatus.Succeeded);
    }

    [Fact]
    public async Task Cancel_in_the_build_ends_the_container()
    {
        var project = await platform.ProjectAsync();
        platform.Engine.Hangs = true;
        try
        {
            var id = await platform.RequestAsync(project);
            await platform.Engine.WaitForRunAsync(CancellationToken.None);
            await platform.WaitAsync(id, d => d.Steps.Single(s => s.Name == StepName.Build).Status == StepStatus.Running);

            await CancelAsync(id);

            var deployment = await platform.WaitAsync(id, d => d.Status.IsFinal());
            Assert.Equal((DeploymentStatus.Cancelled, RollbackState.None), (deployment.Status, deployment.Rollback));
            Assert.Contains(id, platform.Engine.Cancelled);
            Assert.Equal(StepStatus.Cancelled, deployment.Steps.Single(s => s.Name == StepName.Build).Status);
            Assert.Contains("Cancelled by platform", await platform.LogAsync(id), StringComparison.Ordinal);
        }
        finally
        {
            platform.Engine.Hangs = false;
        }
    }

    [Fact]
    public async Task Cancel_after_the_switch_is_final_at_once_and_goes_back()
    {
        var (project, good, id) = await platform.CancelBehindTheSwitchAsync();

        await platform.WaitAsync(id, d => d.Status == DeploymentStatus.Cancelled);
        await platform.LogAsync(id);
        var deployment = await platform.ReadAsync(id);
        Assert.Equal(RollbackState.Complete, deployment.Rollback);
        Assert.Equal(good.Release, platform.Hosts[project.Servers[0]].Current);
        Assert.Equal(ServerStatus.RolledBack, Assert.Single(deployment.Servers).Status);
    }

    [Fact]
    public async Task Cancel_of_one_that_waits_is_final_at_once()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(Restart);
        var first = await platform.RequestAsync(project);
        await held.Started;
        var second = await platform.RequestAsync(project);

        await CancelAsync(second);

        Assert.Equal(DeploymentStatus.Cancelled, (await platform.ReadAsync(second)).Status);
        held.Release();
        await platform.WaitAsync(first, d => d.Status == DeploymentStatus.Succeeded);
        var refused = await Assert.ThrowsAsync<Conflict>(() => CancelAsync(first));
        Assert.Equal("finished", refused.Reason);
    }

    [Fact]
    public async Task Way_back_by_button_deploys_what_ran_before()
    {
        var project = await platform.ProjectAsync();
        var first = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Next");
        var second = await platform.DeployAsync(project);

        var ticket = await platform.Services.GetRequiredService<RollBackDeployment>().RunAsync(Actor.Platform, second.Id, overrideFreeze: false, CancellationToken.None);

        var back = await platform.WaitAsync(ticket.Id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Succeeded, Trigger.Rollback, first.Release), (back.Status, back.Trigger, back.Release));
        Assert.Equal(first.Release, platform.Hosts[project.Servers[0]].Current);
    }

    [Fact]
    public async Task Way_back_of_a_first_deployment_is_refused()
    {
        var project = await platform.ProjectAsync();
        var first = await platform.DeployAsync(project);

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.Services.GetRequiredService<RollBackDeployment>().RunAsync(Actor.Platform, first.Id, overrideFreeze: false, CancellationToken.None));

        Assert.Equal("nothingBefore", refused.Reason);
    }

    [Fact]
    public async Task Retry_of_the_failed_servers_leaves_the_others_alone()
    {
        var project = await platform.ProjectAsync(servers: 2, deploy: d => d with { RollbackOnFailure = false, Rolling = new RollingSpec { Batch = "1", MaxFailures = 1 } });
        platform.Hosts[project.Servers[0]].FailUploads(new StepFailure("disk full"));
        var failed = await platform.DeployAsync(project);
        platform.Hosts[project.Servers[0]].Recover();
        var before = platform.Hosts[project.Servers[1]].Commands.Count;

        var ticket = await platform.Services.GetRequiredService<RetryDeployment>().RunAsync(Actor.Platform, failed.Id, new RetryOrder(FailedServersOnly: true), Trigger.Manual, CancellationToken.None);

        var retried = await platform.WaitAsync(ticket.Id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Succeeded, project.Servers[0]), (retried.Status, Assert.Single(retried.Servers).Name));
        Assert.Equal(before, platform.Hosts[project.Servers[1]].Commands.Count);
    }

    [Fact]
    public async Task Commands_get_the_context_and_the_environments_variables()
    {
        var project = await platform.ProjectAsync();

        var deployment = await platform.DeployAsync(project);

        var restart = platform.Hosts[project.Servers[0]].Commands.Single(Restart);
        Assert.Equal($"/srv/{project.Key}/releases/{deployment.Release}", restart.Folder);
        Assert.Equal("blue", restart.Variables["COLOUR"].Reveal());
        Assert.Equal("dev", restart.Variables["DEPLOY_ENVIRONMENT"].Reveal());
        Assert.Equal($"/srv/{project.Key}/current", restart.Variables["DEPLOY_CURRENT"].Reveal());
        var run = platform.Engine.Runs.Single(r => r.DeploymentId == deployment.Id);
        Assert.Equal(["DEPLOY_COMMIT", "DEPLOY_PROJECT", "DEPLOY_REF", "DEPLOY_RELEASE"], run.Variables.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_people_pressing_deploy_at_once_get_two_deployments_that_run_one_after_the_other()
    {
        var project = await platform.ProjectAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => platform.RequestAsync(project)));

        var ended = await Task.WhenAll(ids.Select(id => platform.WaitAsync(id, d => d.Status.IsFinal())));
        Assert.All(ended, d => Assert.Contains(d.Status, new[] { DeploymentStatus.Succeeded, DeploymentStatus.Superseded }));
        var runs = ended.Where(d => d.Status == DeploymentStatus.Succeeded).OrderBy(d => d.StartedAt).ToList();
        Assert.NotEmpty(runs);
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.First.FinishedAt <= pair.Second.StartedAt));
    }

    private async Task CancelAsync(long id) => await platform.Services.GetRequiredService<CancelDeployment>().RunAsync(Actor.Platform, id, CancellationToken.None);
}
