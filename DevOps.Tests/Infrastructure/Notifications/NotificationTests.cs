using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Notifications;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Notifications;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Notifications;

/// <summary>From a deployment's change to the receiver, through the real event history, queue and HTTP.</summary>
public sealed class NotificationTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>, IAsyncLifetime
{
    private static int _number;
    private readonly FakeReceiver _receiver = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Fact]
    public async Task Deployment_is_told_once_per_event_in_order_to_channels_that_want_it()
    {
        var project = await platform.ProjectAsync();
        var channel = await ChannelAsync(project, ["running", "succeeded", "failed"]);

        var deployment = await platform.DeployAsync(project);
        await platform.Services.GetRequiredService<NotificationDispatch>().CatchUpAsync(CancellationToken.None);

        var first = await _receiver.NextAsync();
        var second = await _receiver.NextAsync();
        Assert.Equal(("deployment.running", "deployment.succeeded"), (Type(first), Type(second)));
        Assert.NotEqual(first.Headers["webhook-id"], second.Headers["webhook-id"]);
        var deliveries = await WaitAsync(channel, d => d.All(x => x.State == DeliveryState.Sent));
        Assert.Equal([(deployment.Id, "running"), (deployment.Id, "succeeded")], deliveries.Select(d => (d.DeploymentId!.Value, d.Event)));
        Assert.False(_receiver.HasMore);
    }

    [Fact]
    public async Task Failure_is_told_with_its_error_and_the_secret_signs()
    {
        var project = await platform.ProjectAsync(deploy: d => d with { Restart = ["restart shop"] });
        platform.Hosts[project.Servers[0]].Exit(c => c.Script.StartsWith("restart", StringComparison.Ordinal), 3, error: "no such unit");
        await ChannelAsync(project, ["failed"], secret: "top-secret-key");

        var deployment = await platform.DeployAsync(project);
        var message = await _receiver.NextAsync();

        var data = JsonDocument.Parse(message.Body).RootElement.GetProperty("data");
        Assert.Equal(deployment.Id, data.GetProperty("deployment").GetInt64());
        Assert.NotEmpty(data.GetProperty("error").GetString()!);
        Assert.Equal(
            StandardSignature.Sign("top-secret-key", message.Headers["webhook-id"], long.Parse(message.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture), message.Body),
            message.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task Receiver_in_trouble_is_tried_again_and_the_deployment_does_not_wait()
    {
        var project = await platform.ProjectAsync();
        var channel = await ChannelAsync(project, ["succeeded"]);
        _receiver.Then("500 Internal Server Error", "boom");

        Assert.Equal(DeploymentStatus.Succeeded, (await platform.DeployAsync(project)).Status);
        var first = await _receiver.NextAsync();
        var again = await _receiver.NextAsync();

        Assert.Equal(first.Headers["webhook-id"], again.Headers["webhook-id"]);
        var delivery = Assert.Single(await WaitAsync(channel, d => d.All(x => x.State == DeliveryState.Sent)));
        Assert.Equal(2, delivery.Attempts);
    }

    [Fact]
    public async Task Receiver_that_says_never_is_not_tried_again()
    {
        var project = await platform.ProjectAsync();
        var channel = await ChannelAsync(project, ["succeeded"]);
        _receiver.Then("410 Gone", "this hook was deleted");

        await platform.DeployAsync(project);

        var delivery = Assert.Single(await WaitAsync(channel, d => d.Exists(x => x.State != DeliveryState.Pending)));
        Assert.Equal((DeliveryState.Failed, 1, "410 this hook was deleted"), (delivery.State, delivery.Attempts, delivery.Answer));
    }

    [Fact]
    public async Task Channel_for_other_projects_stays_silent()
    {
        var mine = await platform.ProjectAsync();
        var other = await platform.ProjectAsync();
        await ChannelAsync(other, ["succeeded"]);

        await platform.DeployAsync(mine);
        await platform.DeployAsync(other);

        Assert.Equal(other.Key, JsonDocument.Parse((await _receiver.NextAsync()).Body).RootElement.GetProperty("data").GetProperty("project").GetString());
        Assert.False(_receiver.HasMore);
    }

    [Fact]
    public async Task Flood_is_spread_over_minutes_and_then_left_out()
    {
        var project = await platform.ProjectAsync();
        var channel = await ChannelAsync(project, ["rejected"]);
        await LogRows.ExecuteAsync(platform.Postgres.DataSource, $"""
            INSERT INTO deployments (project_id, environment_id, status, cause, requested_by, requested_ref, requested_servers, note, created_at, finished_at, rollback, log_complete, approvals_required, approval_role, override_freeze, pause)
            SELECT {project.Id}, {project.EnvironmentId}, 'rejected', 'manual', 'lin', 'main', ARRAY[]::text[], '', now(), now(), 'none', true, 0, 'maintainer', false, 'none' FROM generate_series(1, 230)
            """);

        await platform.Services.GetRequiredService<NotificationDispatch>().CatchUpAsync(CancellationToken.None);

        var deliveries = await WaitAsync(channel, d => d.Count == 230);
        Assert.Contains(deliveries, d => d.State == DeliveryState.Skipped);
        var slots = deliveries.Where(d => d.State != DeliveryState.Skipped).Select(d => d.SendAfter).Order().ToList();
        Assert.All(Enumerable.Range(NotificationDispatch.PerMinute, slots.Count - NotificationDispatch.PerMinute), i => Assert.True(slots[i] - slots[i - NotificationDispatch.PerMinute] >= TimeSpan.FromMinutes(1)));
    }

    private static string? Type(ReceivedMessage message) => JsonDocument.Parse(message.Body).RootElement.GetProperty("type").GetString();

    private async Task<string> ChannelAsync(TestProject project, IReadOnlyList<string> events, string? secret = null)
    {
        // The history up to here is behind the dispatch, whatever ran before in the fixture.
        await platform.Services.GetRequiredService<NotificationDispatch>().CatchUpAsync(CancellationToken.None);
        var name = $"channel-{Interlocked.Increment(ref _number)}";
        await platform.Services.GetRequiredService<CreateChannel>().RunAsync(
            Actor.Platform,
            new ChannelDraft { Name = name, Kind = ChannelKind.Webhook, Url = _receiver.Url, Events = events, Projects = [project.Key], Secret = secret is null ? null : new Sensitive(secret) },
            CancellationToken.None);
        return name;
    }

    private async Task<List<NotificationDelivery>> WaitAsync(string channel, Func<List<NotificationDelivery>, bool> wished)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var changed = new SemaphoreSlim(0);
        using var subscription = platform.Services.GetRequiredService<ChangeFeed>().Subscribe(_ => changed.Release());
        while (true)
        {
            await using var db = await platform.Contexts.CreateDbContextAsync();
            var found = await (from d in db.NotificationDeliveries join c in db.NotificationChannels on d.ChannelId equals c.Id where c.Name == channel orderby d.Id select d).ToListAsync();
            if (found.Count > 0 && wished(found))
            {
                return found;
            }

            await changed.WaitAsync(limit.Token);
        }
    }
}
