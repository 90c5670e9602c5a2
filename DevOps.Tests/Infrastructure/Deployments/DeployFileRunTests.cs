using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Applications;
using DevOps.Core.Deployments;
using DevOps.Core.Pipeline;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>Deployments of commits with a <c>deploy.yml</c>, through the real queue, journal and database.</summary>
public sealed class DeployFileRunTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private const string One = "build:\n  script: [make one]\n  variables: { LEVEL: one }\ndeploy:\n  restart: [restart one]\n  control: { start: start one }\n";
    private const string Two = "build:\n  script: [make two]\ndeploy:\n  restart: [restart two]\n";

    [Fact]
    public async Task File_of_the_commit_wins_over_the_projects_settings_and_is_shown_with_the_deployment()
    {
        var project = await AllowingAsync();
        Push(One);

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, deployment.Status);
        var run = platform.Engine.Runs.Last();
        Assert.Equal(["make one"], run.Script);
        Assert.Equal(("node:22", "one"), (run.Image, run.Variables["LEVEL"].Reveal()));
        Assert.Contains("restart one", platform.Hosts[project.Servers[0]].Scripts);
        Assert.DoesNotContain("restart shop", platform.Hosts[project.Servers[0]].Scripts);
        Assert.Contains("deploy.yml of this commit wins", await platform.LogAsync(deployment.Id), StringComparison.Ordinal);
        var answer = await AnswerAsync(deployment.Id);
        Assert.Equal("deployFile", answer.GetProperty("configSource").GetString());
        Assert.Equal("make one", answer.GetProperty("config").GetProperty("build").GetProperty("script")[0].GetString());
        Assert.Equal("restart one", answer.GetProperty("config").GetProperty("deploy").GetProperty("restart")[0].GetString());
        Assert.Equal("/srv/" + project.Key, answer.GetProperty("config").GetProperty("deploy").GetProperty("path").GetString());
    }

    [Fact]
    public async Task Project_that_does_not_allow_the_file_goes_by_its_settings_and_says_so()
    {
        var project = await platform.ProjectAsync();
        Push("this: is not even { valid");

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, deployment.Status);
        Assert.Equal(["true"], platform.Engine.Runs.Last().Script);
        Assert.Contains("deploy.yml is not used", await platform.LogAsync(deployment.Id), StringComparison.Ordinal);
        var answer = await AnswerAsync(deployment.Id);
        Assert.Equal("project", answer.GetProperty("configSource").GetString());
        Assert.Equal("restart shop", answer.GetProperty("config").GetProperty("deploy").GetProperty("restart")[0].GetString());
    }

    [Fact]
    public async Task File_that_cannot_be_accepted_fails_the_checkout_with_line_and_key()
    {
        var project = await AllowingAsync();
        var before = platform.Engine.Runs.Count;
        Push("build:\n  image: node:22\n  scirpt: [make]\ndeploy:\n  path: /etc\n");

        var deployment = await platform.DeployAsync(project);

        Assert.Equal(DeploymentStatus.Failed, deployment.Status);
        Assert.Contains("Line 3, build.scirpt: There is no such key.", deployment.Error!.ToString(), StringComparison.Ordinal);
        Assert.Contains("Line 5, deploy.path: The folder on the servers cannot be set by a file", deployment.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(StepStatus.Failed, deployment.Steps.Single(s => s.Name == StepName.Checkout).Status);
        Assert.Contains("Line 3, build.scirpt", await platform.LogAsync(deployment.Id), StringComparison.Ordinal);
        Assert.Equal(before, platform.Engine.Runs.Count);
        Assert.Empty(platform.Hosts[project.Servers[0]].Commands);
        Assert.Null(deployment.Config);
    }

    [Fact]
    public async Task Limit_that_is_asked_too_high_is_held_and_said()
    {
        var project = await AllowingAsync(build: b => b with { MemoryMb = 512 });
        Push("build:\n  memoryMb: 8192\n  cpus: 0.5\n");

        var deployment = await platform.DeployAsync(project);

        var run = platform.Engine.Runs.Last();
        Assert.Equal((512, 0.5), (run.MemoryMb, run.Cpus));
        Assert.Equal(512, deployment.Config!.Build!.MemoryMb);
        Assert.Contains("asks for build.memoryMb 8192; the project gives 512", await platform.LogAsync(deployment.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_goes_by_the_file_of_the_release_it_goes_back_to()
    {
        var project = await AllowingAsync();
        Push(One);
        var first = await platform.DeployAsync(project);
        Push(Two);
        var second = await platform.DeployAsync(project);
        var host = platform.Hosts[project.Servers[0]];
        var seen = host.Scripts.Count;

        var ticket = await platform.Services.GetRequiredService<RollBackDeployment>().RunAsync(Actor.Platform, second.Id, overrideFreeze: false, CancellationToken.None);
        var back = await platform.WaitAsync(ticket.Id, d => d.Status.IsFinal());

        Assert.Equal((DeploymentStatus.Succeeded, first.Release), (back.Status, back.Release));
        Assert.Equal(["restart one"], host.Scripts.Skip(seen).Where(IsRestart));
        Assert.Equal((ConfigSource.DeployFile, null), (back.ConfigSource, back.Config!.Build));
        Assert.Equal(["restart one"], back.Config.Deploy.Restart);
    }

    [Fact]
    public async Task Server_that_is_taken_back_goes_by_the_file_of_the_release_it_ran_before()
    {
        var project = await AllowingAsync();
        Push(One);
        var good = await platform.DeployAsync(project);
        Push(Two);
        var host = platform.Hosts[project.Servers[0]];
        host.Exit(c => c.Script.StartsWith("restart two", StringComparison.Ordinal), 1);
        var seen = host.Scripts.Count;

        var bad = await platform.DeployAsync(project);

        Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (bad.Status, bad.Rollback));
        Assert.Equal(["restart two", "restart one"], host.Scripts.Skip(seen).Where(IsRestart));
        Assert.Equal(good.Release, host.Current);
    }

    [Fact]
    public async Task Deployment_goes_on_with_what_it_found_whatever_becomes_of_the_projects_settings()
    {
        var project = await AllowingAsync(servers: 2);
        Push("deploy:\n  restart: [restart one]\n  rolling: { first: 1, confirmAfterFirst: true }\n");
        var id = await platform.RequestAsync(project);
        await platform.WaitAsync(id, d => d.Pause == RolloutPause.Confirmation);
        await AllowAsync(project, allowed: false);

        await platform.Services.GetRequiredService<ContinueDeployment>().RunAsync(Actor.Platform, id, ContinueAction.Continue, null, CancellationToken.None);
        var deployment = await platform.WaitAsync(id, d => d.Status.IsFinal());

        Assert.Equal((DeploymentStatus.Succeeded, ConfigSource.DeployFile), (deployment.Status, deployment.ConfigSource));
        Assert.All(project.Servers, s => Assert.Equal(["restart one"], platform.Hosts[s].Scripts.Where(IsRestart)));
    }

    [Fact]
    public async Task Cancelled_deployment_goes_back_or_not_as_the_file_of_its_commit_says()
    {
        var project = await AllowingAsync();
        Push("deploy:\n  rollbackOnFailure: false\n  restart: [restart one]\n");
        var host = platform.Hosts[project.Servers[0]];
        var held = host.Hold(c => IsRestart(c.Script));
        var id = await platform.RequestAsync(project);
        await held.Started;

        await platform.Services.GetRequiredService<CancelDeployment>().RunAsync(Actor.Platform, id, CancellationToken.None);
        await platform.LogAsync(id);
        var deployment = await platform.ReadAsync(id);

        Assert.Equal((DeploymentStatus.Cancelled, RollbackState.None), (deployment.Status, deployment.Rollback));
        Assert.Single(host.Activated);
        Assert.DoesNotContain(deployment.Steps, s => s.Name == StepName.Rollback);
    }

    [Fact]
    public async Task Controls_of_an_application_are_those_of_the_release_that_runs()
    {
        var project = await AllowingAsync();
        Push(One);
        await platform.DeployAsync(project);
        var name = new ApplicationName(project.Key, "dev", project.Servers[0]);

        var view = await platform.Services.GetRequiredService<ApplicationQueries>().FindAsync(Actor.Platform, name, CancellationToken.None);
        var running = await platform.Services.GetRequiredService<RunningApplicationReader>().ReadAsync(Actor.Platform, name, Permission.DeploymentControl, CancellationToken.None);

        Assert.Contains(ControlAction.Start, view!.Actions);
        Assert.Equal("start one", running.Project.Deploy.Control.Start);
    }

    [Fact]
    public async Task Project_that_no_longer_allows_the_file_goes_by_its_settings_also_for_releases_that_had_one()
    {
        var project = await AllowingAsync();
        Push(One);
        var first = await platform.DeployAsync(project);
        await AllowAsync(project, allowed: false);
        var host = platform.Hosts[project.Servers[0]];
        var seen = host.Scripts.Count;

        var again = await platform.DeployAsync(project, new DeploymentRequest { Environment = "dev", Release = first.Release });

        Assert.Equal(["restart shop"], host.Scripts.Skip(seen).Where(IsRestart));
        Assert.Equal(ConfigSource.Project, again.ConfigSource);
    }

    [Fact]
    public async Task Release_that_was_built_before_the_file_was_allowed_is_used_again_and_takes_the_file_with_it()
    {
        var project = await platform.ProjectAsync();
        Push("deploy:\n  restart: [restart one]\n");
        var first = await platform.DeployAsync(project);
        await AllowAsync(project, allowed: true);
        var seen = platform.Hosts[project.Servers[0]].Scripts.Count;

        var second = await platform.DeployAsync(project);
        var third = await platform.DeployAsync(project, new DeploymentRequest { Environment = "dev", Release = first.Release });

        Assert.Equal([first.Release, first.Release], [second.Release, third.Release]);
        Assert.Equal(["restart one", "restart one"], platform.Hosts[project.Servers[0]].Scripts.Skip(seen).Where(IsRestart));
    }

    private static bool IsRestart(string script) => script.StartsWith("restart", StringComparison.Ordinal);

    private void Push(string file) =>
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "hello", [DeployFile.Name] = file }, $"Push {Guid.NewGuid():N}");

    private async Task<TestProject> AllowingAsync(Func<BuildSpec, BuildSpec>? build = null, int servers = 1)
    {
        var project = await platform.ProjectAsync(servers, build: build);
        await AllowAsync(project, allowed: true);
        return project;
    }

    private async Task AllowAsync(TestProject project, bool allowed)
    {
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var row = await db.Projects.SingleAsync(p => p.Id == project.Id);
        row.Repository = row.Repository with { AllowDeployFile = allowed };
        await db.SaveChangesAsync();
    }

    private async Task<JsonElement> AnswerAsync(long id)
    {
        using var client = await platform.AsAsync(Role.Viewer);
        return await client.GetFromJsonAsync<JsonElement>($"/api/v1/deployments/{id}");
    }
}
