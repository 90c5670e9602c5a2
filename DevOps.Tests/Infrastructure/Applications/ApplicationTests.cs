using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Applications;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Environments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Applications;

/// <summary>What runs where, after real deployments through queue and journal onto servers in memory.</summary>
public sealed class ApplicationTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly ControlSpec Control = new() { Start = "start shop", Stop = "stop shop", Log = "tail shop" };

    private ApplicationQueries Queries => platform.Services.GetRequiredService<ApplicationQueries>();

    private ControlApplication Verb => platform.Services.GetRequiredService<ControlApplication>();

    [Fact]
    public async Task Deployed_release_is_listed_with_what_ran_before()
    {
        var project = await platform.ProjectAsync(servers: 2);
        var first = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "new" }, "Next");
        var second = await platform.DeployAsync(project);

        var list = await Queries.ListAsync(Actor.Platform, new ApplicationFilter(project.Key), PageRequest.Of(null, null), CancellationToken.None);

        Assert.Equal(2, list.Total);
        Assert.Equal(project.Servers, list.Items.Select(a => a.Name.Server));
        Assert.All(list.Items, a => Assert.Equal((second.Release, "Next", false), (a.Row.Release, a.CommitMessage, a.Row.HasDrifted)));
        Assert.All(list.Items, a => Assert.Equal([first.Release!.Value], a.PreviousReleases));
        Assert.Equal([ControlAction.Restart, ControlAction.Status], list.Items[0].Actions);
        var one = await Queries.ListAsync(Actor.Platform, new ApplicationFilter(project.Key, "dev", project.Servers[1]), PageRequest.Of(null, null), CancellationToken.None);
        Assert.Equal(project.Servers[1], Assert.Single(one.Items).Name.Server);
    }

    [Fact]
    public async Task Server_that_runs_something_else_has_drifted_until_the_next_deployment()
    {
        var (project, name) = await DeployedAsync();
        platform.Hosts[name.Server].Current = 4711;

        await platform.Services.GetRequiredService<ObserveApplications>().LookAsync(await ServerIdAsync(name.Server), CancellationToken.None);

        var drifted = await FindAsync(name);
        Assert.Equal((true, 4711), (drifted.Row.HasDrifted, drifted.Row.ObservedRelease));
        await platform.DeployAsync(project);
        Assert.False((await FindAsync(name)).Row.HasDrifted);
    }

    [Fact]
    public async Task Status_asks_which_release_is_current_even_without_a_command()
    {
        var (_, name) = await DeployedAsync();
        platform.Hosts[name.Server].Current = null;

        var result = await Verb.RunAsync(Actor.Platform, name, ControlAction.Status, CancellationToken.None);

        Assert.Equal(new ControlResult(ControlAction.Status, null, false, "", null), result);
        Assert.True((await FindAsync(name)).Row.HasDrifted);
    }

    [Fact]
    public async Task Action_runs_the_projects_command_in_the_current_release_and_hides_secrets()
    {
        var (project, name) = await DeployedAsync();
        await platform.Services.GetRequiredService<CreateOrChangeEnvironment>().RunAsync(
            Actor.Platform,
            project.Key,
            new EnvironmentDraft { Name = "dev", Servers = project.Servers, Secrets = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TOKEN"] = "sesame-open-1" } },
            null,
            CancellationToken.None);
        var host = platform.Hosts[name.Server];
        host.Exit(c => string.Equals(c.Script, "stop shop", StringComparison.Ordinal), 3, "stopping with sesame-open-1\n", "no such unit\n");

        var result = await Verb.RunAsync(Actor.Platform, name, ControlAction.Stop, CancellationToken.None);

        Assert.Equal((3, "stopping with ***\nno such unit"), (result.ExitCode, result.Output));
        var command = host.Commands[^1];
        Assert.EndsWith("/current", command.Folder, StringComparison.Ordinal);
        Assert.Equal("sesame-open-1", command.Variables["TOKEN"].Reveal());
        Assert.Equal("dev", command.Variables["DEPLOY_ENVIRONMENT"].Reveal());
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var audit = await db.AuditEntries.SingleAsync(a => a.Subject == $"application/{name}");
        Assert.Equal("application.stop", audit.Action);
        Assert.Contains("exit code 3", audit.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_runs_the_restart_commands_and_ends_at_the_first_that_fails()
    {
        var (_, name) = await DeployedAsync(d => d with { Restart = ["restart one", "restart two"] });
        var host = platform.Hosts[name.Server];
        host.Exit(c => string.Equals(c.Script, "restart one", StringComparison.Ordinal), 1);
        var before = host.Commands.Count;

        var result = await Verb.RunAsync(Actor.Platform, name, ControlAction.Restart, CancellationToken.None);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["restart one"], host.Scripts.Skip(before));
    }

    [Fact]
    public async Task Nothing_is_started_or_stopped_while_a_deployment_runs_there()
    {
        var (project, name) = await DeployedAsync();
        var held = platform.Hosts[name.Server].Hold(c => c.Script.StartsWith("restart", StringComparison.Ordinal));
        var deployment = await platform.RequestAsync(project);
        await held.Started;

        var refused = await Assert.ThrowsAsync<Conflict>(() => Verb.RunAsync(Actor.Platform, name, ControlAction.Stop, CancellationToken.None));

        Assert.Equal("deploying", refused.Reason);
        Assert.Equal(deployment, (await FindAsync(name)).RunningDeployment);
        held.Release();
        await platform.WaitAsync(deployment, d => d.Status.IsFinal());
    }

    [Fact]
    public async Task Deployment_waits_for_the_end_of_an_action()
    {
        var (project, name) = await DeployedAsync();
        var held = platform.Hosts[name.Server].Hold(c => string.Equals(c.Script, "stop shop", StringComparison.Ordinal));
        var stopping = Verb.RunAsync(Actor.Platform, name, ControlAction.Stop, CancellationToken.None);
        await held.Started;

        var deployment = await platform.RequestAsync(project);
        Assert.Equal("deploying", (await Assert.ThrowsAsync<Conflict>(() => Verb.RunAsync(Actor.Platform, name, ControlAction.Start, CancellationToken.None))).Reason);
        Assert.Equal(DeploymentStatus.Queued, (await platform.ReadAsync(deployment)).Status);
        held.Release();
        await stopping;

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(deployment, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task Action_without_a_command_names_the_setting()
    {
        var (_, name) = await DeployedAsync(d => d with { Control = new ControlSpec() });

        var refused = await Assert.ThrowsAsync<Conflict>(() => Verb.RunAsync(Actor.Platform, name, ControlAction.Start, CancellationToken.None));

        Assert.Equal("notConfigured", refused.Reason);
        Assert.Contains("deploy.control.start", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_cannot_be_reached_is_said_and_lets_the_lock_go()
    {
        var (_, name) = await DeployedAsync();
        var host = platform.Hosts[name.Server];
        host.Throw(c => string.Equals(c.Script, "start shop", StringComparison.Ordinal), new HostUnreachable(name.Server, "the connection was refused (fake)."));

        Assert.Equal("unreachable", (await Assert.ThrowsAsync<Conflict>(() => Verb.RunAsync(Actor.Platform, name, ControlAction.Start, CancellationToken.None))).Reason);

        host.Recover();
        Assert.Equal(0, (await Verb.RunAsync(Actor.Platform, name, ControlAction.Start, CancellationToken.None)).ExitCode);
    }

    [Fact]
    public async Task Viewer_sees_and_may_not_act_and_a_stranger_sees_nothing()
    {
        var (project, name) = await DeployedAsync();
        var viewer = Rooms.Member("eve", project.Id, Role.Viewer);
        var stranger = Rooms.Member("mallory", project.Id + 1_000_000, Role.Admin);

        Assert.NotNull(await Queries.FindAsync(viewer, name, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => Verb.RunAsync(viewer, name, ControlAction.Stop, CancellationToken.None));
        Assert.Null(await Queries.FindAsync(stranger, name, CancellationToken.None));
        await Assert.ThrowsAsync<NotFound>(() => Verb.RunAsync(stranger, name, ControlAction.Stop, CancellationToken.None));
        await Assert.ThrowsAsync<NotFound>(() => platform.Services.GetRequiredService<FollowRuntimeLog>().OpenAsync(stranger, name, CancellationToken.None));
    }

    [Fact]
    public async Task Followers_of_one_server_are_limited_and_make_room_when_they_go()
    {
        var (_, name) = await DeployedAsync();
        platform.Hosts[name.Server].Hold(c => c.Script.StartsWith("tail", StringComparison.Ordinal));
        var follow = platform.Services.GetRequiredService<FollowRuntimeLog>();
        var open = new List<(IAsyncEnumerator<IReadOnlyList<DevOps.Core.Logs.LogLine>> Reader, CancellationTokenSource Stop, Task Next)>();
        for (var i = 0; i < FollowRuntimeLog.MostPerServer; i++)
        {
            var stop = new CancellationTokenSource();
            var reader = (await follow.OpenAsync(Actor.Platform, name, CancellationToken.None)).GetAsyncEnumerator(stop.Token);
            open.Add((reader, stop, reader.MoveNextAsync().AsTask()));
        }

        Assert.Equal("tooManyFollowers", (await Assert.ThrowsAsync<Conflict>(() => follow.OpenAsync(Actor.Platform, name, CancellationToken.None))).Reason);
        foreach (var (reader, stop, next) in open)
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
            await reader.DisposeAsync();
            stop.Dispose();
        }

        Assert.NotNull(await follow.OpenAsync(Actor.Platform, name, CancellationToken.None));
    }

    private async Task<(TestProject Project, ApplicationName Name)> DeployedAsync(Func<DeploySpec, DeploySpec>? deploy = null)
    {
        var project = await platform.ProjectAsync(deploy: d => (deploy ?? (x => x))(d with { Control = Control }));
        Assert.Equal(DeploymentStatus.Succeeded, (await platform.DeployAsync(project)).Status);
        return (project, new ApplicationName(project.Key, "dev", project.Servers[0]));
    }

    private async Task<ApplicationView> FindAsync(ApplicationName name) => (await Queries.FindAsync(Actor.Platform, name, CancellationToken.None))!;

    private async Task<long> ServerIdAsync(string name)
    {
        await using var db = await platform.Contexts.CreateDbContextAsync();
        return await db.Servers.Where(s => s.Name == name).Select(s => s.Id).SingleAsync();
    }
}
