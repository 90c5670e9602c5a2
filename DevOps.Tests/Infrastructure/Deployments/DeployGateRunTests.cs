using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Environments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>Freezes, locks and promotion, on a real database and queue.</summary>
public sealed class DeployGateRunTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    private static readonly Actor Lin = Rooms.Platform("lin", Role.Deployer);

    [Fact]
    public async Task Request_by_hand_inside_a_freeze_is_refused()
    {
        var project = await FrozenAsync();

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.RequestAsync(project, Lin));

        Assert.Equal("frozen", refused.Reason);
        Assert.Contains("frozen until", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Administrator_passes_over_a_freeze_and_the_audit_log_says_so()
    {
        var project = await FrozenAsync();
        var request = new DeploymentRequest { Environment = "dev", OverrideFreeze = true };

        await Assert.ThrowsAsync<Forbidden>(() => platform.RequestAsync(project, Lin, request: request));
        var id = await platform.RequestAsync(project, Rooms.Admin, request: request);

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(id, d => d.Status.IsFinal())).Status);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "deployment.overrideFreeze" && a.Subject == $"deployment/{id}" && a.Actor == "admin"));
    }

    [Fact]
    public async Task Retry_and_the_way_back_pass_over_a_freeze_for_an_administrator_alone()
    {
        var project = await platform.ProjectAsync();
        var first = await platform.DeployAsync(project);
        platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Next");
        var second = await platform.DeployAsync(project);
        await platform.ChangeAsync(project, Freeze);

        foreach (var verb in new[] { Retry, Back })
        {
            Assert.Equal("frozen", (await Assert.ThrowsAsync<Conflict>(() => verb(Rooms.Admin, false))).Reason);
            await Assert.ThrowsAsync<Forbidden>(() => verb(Lin, true));
            var ticket = await verb(Rooms.Admin, true);
            var done = await platform.WaitAsync(ticket.Id, d => d.Status.IsFinal());
            Assert.Equal((DeploymentStatus.Succeeded, verb == Back ? first.Release : second.Release), (done.Status, done.Release));
            await using var db = await platform.Contexts.CreateDbContextAsync();
            Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "deployment.overrideFreeze" && a.Subject == $"deployment/{ticket.Id}"));
        }

        Task<DeploymentTicket> Retry(Actor actor, bool anyway) => platform.Services.GetRequiredService<RetryDeployment>().RunAsync(actor, second.Id, new RetryOrder(OverrideFreeze: anyway), Trigger.Manual, CancellationToken.None);

        Task<DeploymentTicket> Back(Actor actor, bool anyway) => platform.Services.GetRequiredService<RollBackDeployment>().RunAsync(actor, second.Id, anyway, CancellationToken.None);
    }

    [Theory]
    [InlineData(Trigger.Webhook)]
    [InlineData(Trigger.Schedule)]
    public async Task Request_by_a_machine_waits_for_the_end_of_the_freeze(Trigger trigger)
    {
        var project = await platform.ProjectAsync();
        var now = DateTimeOffset.UtcNow;
        await platform.ChangeAsync(project, e => e.Freezes = [new Freeze { From = now.AddHours(-1), To = now.AddSeconds(1.5) }]);

        var id = await platform.RequestAsync(project, Actor.Platform, trigger);

        var done = await platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal(DeploymentStatus.Succeeded, done.Status);
        Assert.True(done.StartedAt >= now.AddSeconds(1.5));
    }

    [Fact]
    public async Task Deployment_that_reaches_a_freeze_in_the_queue_waits_until_somebody_takes_the_freeze_away()
    {
        var project = await platform.ProjectAsync();
        var held = platform.Hosts[project.Servers[0]].Hold(c => c.Script.StartsWith("restart", StringComparison.Ordinal));
        var first = await platform.RequestAsync(project, Lin);
        await held.Started;
        var second = await platform.RequestAsync(project, Lin);
        await platform.ChangeAsync(project, Freeze);
        held.Release();
        await platform.WaitAsync(first, d => d.Status == DeploymentStatus.Succeeded);
        await PostponedAsync(project);
        Assert.StartsWith("frozen until", (await platform.ReadAsync(second)).WaitingFor?.ToString(), StringComparison.Ordinal);

        await platform.Services.GetRequiredService<CreateOrChangeEnvironment>().RunAsync(Rooms.Admin, project.Key, new EnvironmentDraft { Name = "dev", Servers = project.Servers }, null, CancellationToken.None);

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(second, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task One_that_passes_over_the_freeze_does_not_wait_behind_one_that_does_not()
    {
        var project = await FrozenAsync(e => e.Supersede = false);
        var frozen = await platform.RequestAsync(project, Actor.Platform, Trigger.Webhook);
        await PostponedAsync(project);

        var urgent = await platform.RequestAsync(project, Rooms.Admin, request: new DeploymentRequest { Environment = "dev", OverrideFreeze = true });

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(urgent, d => d.Status.IsFinal())).Status);
        Assert.Equal(DeploymentStatus.Queued, (await platform.ReadAsync(frozen)).Status);
    }

    [Fact]
    public async Task Waiting_out_a_freeze_costs_no_attempt()
    {
        var project = await FrozenAsync();
        var id = await platform.RequestAsync(project, Actor.Platform, Trigger.Webhook);
        for (var i = 0; i < 7; i++)
        {
            await PostponedAsync(project);
            await LockAsync(project, "nudge");
            await UnlockAsync(project);
        }

        await PostponedAsync(project);
        await platform.ChangeAsync(project, e => e.Freezes = []);
        await LockAsync(project, "nudge");
        await UnlockAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(id, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task Lock_refuses_by_hand_with_who_and_why_and_lets_the_others_wait_until_it_is_lifted()
    {
        var project = await platform.ProjectAsync();
        await LockAsync(project, "incident 7");

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.RequestAsync(project, Rooms.Admin));
        Assert.Equal("locked", refused.Reason);
        Assert.Contains("locked by lin: incident 7", refused.Message, StringComparison.Ordinal);
        var id = await platform.RequestAsync(project, Actor.Platform, Trigger.Webhook);
        await PostponedAsync(project);
        Assert.Equal("locked by lin: incident 7", (await platform.ReadAsync(id)).WaitingFor?.ToString());

        await UnlockAsync(project);

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.WaitAsync(id, d => d.Status.IsFinal())).Status);
    }

    [Fact]
    public async Task Lock_over_the_interface_is_shown_and_taken_away()
    {
        var project = await platform.ProjectAsync();
        var path = $"/api/v1/projects/{project.Key}/environments/dev/lock";
        using var deployer = platform.WithToken(await platform.TokenAsync("gate-lin", Role.Deployer));

        Assert.Equal(HttpStatusCode.BadRequest, (await deployer.PostAsJsonAsync(path, new { reason = " " })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await deployer.PostAsJsonAsync(path, new { reason = "fair" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await deployer.PostAsJsonAsync(path, new { reason = "fair" })).StatusCode);
        Assert.Equal("fair", (await deployer.GetFromJsonAsync<JsonElement>(path[..^5])).GetProperty("lock").GetProperty("reason").GetString());
        using var refused = await deployer.PostAsJsonAsync($"/api/v1/projects/{project.Key}/deployments", new { environment = "dev" });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await deployer.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await deployer.DeleteAsync(path)).StatusCode);
        using var viewer = platform.WithToken(await platform.TokenAsync("gate-viewer", Role.Viewer));
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsJsonAsync(path, new { reason = "fair" })).StatusCode);
    }

    [Fact]
    public async Task Environment_takes_only_releases_that_succeeded_where_they_come_from()
    {
        var project = await platform.ProjectAsync();
        await platform.AddEnvironmentAsync(project, "production", e => e.PromoteFrom = "dev");
        var production = new DeploymentRequest { Environment = "production" };

        Assert.Equal("notPromoted", (await Assert.ThrowsAsync<Conflict>(() => platform.RequestAsync(project, Lin, request: production))).Reason);
        var tried = await platform.DeployAsync(project);
        var promoted = await platform.DeployAsync(project, production with { Release = tried.Release });

        Assert.Equal((DeploymentStatus.Succeeded, Trigger.Promotion, tried.Release), (promoted.Status, promoted.Trigger, promoted.Release));
        var byCommit = await platform.DeployAsync(project, production with { Commit = tried.Commit.Sha });
        Assert.Equal(tried.Release, byCommit.Release);
    }

    [Fact]
    public async Task Release_that_failed_where_it_comes_from_is_refused_by_number()
    {
        var project = await platform.ProjectAsync();
        await platform.AddEnvironmentAsync(project, "production", e => e.PromoteFrom = "dev");
        platform.Hosts[project.Servers[0]].Exit(c => c.Script.StartsWith("restart", StringComparison.Ordinal), 3);
        var failed = await platform.DeployAsync(project);

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.RequestAsync(project, Lin, request: new DeploymentRequest { Environment = "production", Release = failed.Release }));

        Assert.Equal("notPromoted", refused.Reason);
        Assert.Contains($"Release {failed.Release} did not", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_that_another_takes_its_releases_from_cannot_be_deleted()
    {
        var project = await platform.ProjectAsync();
        await platform.AddEnvironmentAsync(project, "production", e => e.PromoteFrom = "dev");

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.Services.GetRequiredService<DeleteEnvironment>().RunAsync(Rooms.Admin, project.Key, "dev", null, CancellationToken.None));

        Assert.Equal("inUse", refused.Reason);
    }

    private static void Freeze(DeploymentEnvironment environment) =>
        environment.Freezes = [new Freeze { From = DateTimeOffset.UtcNow.AddHours(-1), To = DateTimeOffset.UtcNow.AddHours(1) }];

    private async Task<TestProject> FrozenAsync(Action<DeploymentEnvironment>? change = null)
    {
        var project = await platform.ProjectAsync();
        await platform.ChangeAsync(project, Freeze + change);
        return project;
    }

    // The turn that found the gate closed has ended.
    private async Task PostponedAsync(TestProject project)
    {
        var key = $"environment:{project.EnvironmentId}";
        await using var db = await platform.Contexts.CreateDbContextAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await db.Jobs.AnyAsync(j => j.LockKey == key && j.State == DevOps.Core.Queue.JobState.Available && j.Attempt > 0 && j.RunAfter > DateTimeOffset.UtcNow, limit.Token))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private Task<DeploymentEnvironment> LockAsync(TestProject project, string reason) => platform.Services.GetRequiredService<LockEnvironment>().LockAsync(Lin, project.Key, "dev", reason, CancellationToken.None);

    private Task<DeploymentEnvironment> UnlockAsync(TestProject project) => platform.Services.GetRequiredService<LockEnvironment>().UnlockAsync(Lin, project.Key, "dev", CancellationToken.None);
}
