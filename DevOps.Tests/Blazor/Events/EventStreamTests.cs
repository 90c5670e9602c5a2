using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Events;

public sealed class EventStreamTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>, IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Stream_tells_a_deployment_from_its_request_to_its_end()
    {
        var project = await platform.ProjectAsync();
        using var viewer = await platform.AsAsync(Role.Viewer);
        using var stream = await OpenAsync(viewer, $"?project={project.Key}");
        Assert.Equal("ready", (await stream.ReadAsync(_ => true, _limit.Token))[0].Name);

        var id = await platform.RequestAsync(project);
        var events = await stream.ReadAsync(e => string.Equals(e.Change("status"), "succeeded", StringComparison.Ordinal) && string.Equals(e.Name, "status", StringComparison.Ordinal), _limit.Token);

        Assert.Equal("created", events[0].Name);
        Assert.Equal("manual", events[0].Change("trigger"));
        Assert.All(events, e => Assert.Equal(id, e.Data.GetProperty("deployment").GetInt64()));
        Assert.Equal(["running", "succeeded"], events.Where(e => string.Equals(e.Name, "status", StringComparison.Ordinal)).Select(e => e.Change("status")));
        Assert.Contains(events, e => string.Equals(e.Name, "step", StringComparison.Ordinal) && string.Equals(e.Change("step"), "build", StringComparison.Ordinal));
        Assert.Contains(events, e => string.Equals(e.Name, "server", StringComparison.Ordinal) && string.Equals(e.Change("server"), project.Servers[0], StringComparison.Ordinal));
        Assert.Equal(events.Select(e => e.Id).Distinct().Order(), events.Select(e => e.Id));
    }

    [Fact]
    public async Task Stream_that_broke_off_goes_on_without_loss_or_repeat()
    {
        var project = await platform.ProjectAsync();
        using var viewer = await platform.AsAsync(Role.Viewer);
        List<StreamEvent> seen;
        using (var first = await OpenAsync(viewer, $"?project={project.Key}"))
        {
            seen = await first.ReadAsync(_ => true, _limit.Token);
            await platform.DeployAsync(project);
            seen.AddRange(await first.ReadAsync(e => string.Equals(e.Name, "step", StringComparison.Ordinal), _limit.Token));
        }

        using var second = await OpenAsync(viewer, $"?project={project.Key}", seen[^1].Id);
        var rest = await second.ReadAsync(e => string.Equals(e.Name, "status", StringComparison.Ordinal) && string.Equals(e.Change("status"), "succeeded", StringComparison.Ordinal), _limit.Token);

        var last = rest[^1].Id;
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var all = db.DeploymentEvents.Where(e => e.ProjectId == project.Id && e.Id <= last).OrderBy(e => e.Id).Select(e => (long?)e.Id).ToList();
        Assert.Equal("ready", rest[0].Name);
        Assert.Equal(all, seen.Skip(1).Concat(rest.Skip(1)).Select(e => e.Id));
    }

    [Fact]
    public async Task Stream_from_before_the_kept_history_is_told_to_read_everything_again()
    {
        await LogRows.DeploymentAsync(platform.Postgres.DataSource);
        await LogRows.ExecuteAsync(platform.Postgres.DataSource, "INSERT INTO settings (key, value) VALUES ('events.pruned', '1') ON CONFLICT DO NOTHING");
        using var viewer = await platform.AsAsync(Role.Viewer);

        using var old = await OpenAsync(viewer, "", 0);
        using var future = await OpenAsync(viewer, "", 1_000_000_000);

        Assert.Equal("reset", (await old.ReadAsync(_ => true, _limit.Token))[0].Name);
        Assert.Equal("reset", (await future.ReadAsync(_ => true, _limit.Token))[0].Name);
    }

    [Fact]
    public async Task Stream_ends_when_the_account_is_disabled()
    {
        using var client = platform.WithToken(await platform.TokenAsync("leaver", Role.Viewer));
        using var stream = await OpenAsync(client, "");
        await stream.ReadAsync(_ => true, _limit.Token);

        var users = platform.Services.GetRequiredService<ChangeUser>();
        await users.RunAsync(Actor.Platform, new UserDraft { Username = "leaver", Role = Role.Viewer, Disabled = true }, null, CancellationToken.None);

        await stream.EndAsync(_limit.Token);
    }

    [Fact]
    public async Task Stranger_and_bad_requests_are_refused()
    {
        var project = await platform.ProjectAsync();
        using var viewer = await platform.AsAsync(Role.Viewer);
        using var nobody = await platform.AsAsync(Role.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        request.Headers.Add("Last-Event-ID", "yesterday");

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.Anonymous().GetAsync("/api/v1/events")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync($"/api/v1/events?project={project.Key}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await viewer.GetAsync("/api/v1/events?project=nowhere")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await viewer.SendAsync(request)).StatusCode);
    }

    private Task<EventStreamReader> OpenAsync(HttpClient client, string query, long? lastEventId = null) =>
        EventStreamReader.OpenAsync(client, "/api/v1/events" + query, lastEventId, _limit.Token);
}
