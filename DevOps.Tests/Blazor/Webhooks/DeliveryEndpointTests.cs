using System.Net;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Blazor.Webhooks;

public sealed class DeliveryEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Project_tells_its_doors_and_whether_there_is_a_secret()
    {
        await api.SendAsync(HttpMethod.Post, "/projects", """{"key":"doors","repository":{"url":"https://git.example/a.git"},"deploy":{"path":"/srv/doors"},"triggers":{"branches":["main","release/*"],"tags":["v*"],"paths":["src/**"],"skipMarkers":[]}}""", HttpStatusCode.Created);
        var before = await api.SendAsync(HttpMethod.Get, "/projects/doors", null, HttpStatusCode.OK);

        var made = await api.SendAsync(HttpMethod.Post, "/projects/doors/webhook-secret", null, HttpStatusCode.Created, Role.Maintainer);

        var after = await api.SendAsync(HttpMethod.Get, "/projects/doors", null, HttpStatusCode.OK);
        Assert.Equal((false, true), (before["webhook"].GetProperty("secretSet").GetBoolean(), after["webhook"].GetProperty("secretSet").GetBoolean()));
        Assert.Equal($"{api.Address}/webhooks/github/doors", after["webhook"].GetProperty("urls").GetProperty("github").GetString());
        Assert.Equal(["bitbucket", "generic", "gitea", "gitee", "github", "gitlab"], after["webhook"].GetProperty("urls").EnumerateObject().Select(u => u.Name).Order(StringComparer.Ordinal));
        Assert.Equal("""{"branches":["main","release/*"],"tags":["v*"],"paths":["src/**"],"skipMarkers":[]}""", after["triggers"].GetRawText());
        Assert.StartsWith("whsec_", made.Text("secret"), StringComparison.Ordinal);
        Assert.DoesNotContain(made.Text("secret")!, after.Body.ToString(), StringComparison.Ordinal);
        await api.SendAsync(HttpMethod.Put, "/projects/doors", after.Body.ToString(), HttpStatusCode.OK, ifMatch: after.Tag);
    }

    [Fact]
    public async Task New_secret_and_the_one_before_are_both_accepted()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var old = door.Secret;
        var made = await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/webhook-secret", null, HttpStatusCode.Created);
        Assert.NotEqual(JsonValueKind.Null, made["previousAcceptedUntil"].ValueKind);

        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push())).Status);
        door.Secret = made.Text("secret")!;
        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push())).Status);

        await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/webhook-secret", null, HttpStatusCode.Created);
        door.Secret = old;
        Assert.Equal(HttpStatusCode.Unauthorized, (await door.GitHubAsync(WebhookDoor.Push())).Status);
    }

    [Fact]
    public async Task Change_of_triggers_counts_for_the_next_delivery()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push())).Status);
        var project = (await api.SendAsync(HttpMethod.Get, $"/projects/{door.Key}", null, HttpStatusCode.OK)).Body.ToString();

        await api.SendAsync(HttpMethod.Put, $"/projects/{door.Key}", project.Replace("\"branches\":[]", "\"branches\":[\"release\"]", StringComparison.Ordinal), HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, (await door.GitHubAsync(WebhookDoor.Push())).Status);
    }

    [Fact]
    public async Task Deliveries_are_listed_newest_first_with_verdict_and_opened_with_headers_and_body()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        await door.GitHubAsync(WebhookDoor.Push("refs/heads/dev"), "id-1");
        var accepted = await door.GitHubAsync(WebhookDoor.Push(), "id-2");

        var list = await api.SendAsync(HttpMethod.Get, $"/projects/{door.Key}/deliveries?pageSize=1", null, HttpStatusCode.OK, Role.Viewer);
        Assert.Equal(2, list["total"].GetInt32());
        var newest = Assert.Single(list["items"].EnumerateArray());
        Assert.Equal(("accepted", "github", "push", "main", "lin"), (Word(newest, "outcome"), Word(newest, "provider"), Word(newest, "event"), Word(newest, "ref"), Word(newest, "sender")));
        Assert.Equal(accepted.Deployments[0], newest.GetProperty("deployments")[0].GetInt64());

        var detail = await api.SendAsync(HttpMethod.Get, $"/projects/{door.Key}/deliveries/{newest.GetProperty("id")}", null, HttpStatusCode.OK, Role.Viewer);
        Assert.Equal(("id-2", WebhookDoor.Push()), (detail.Text("senderId"), detail.Text("body")));
        Assert.Equal(("push", "***"), (Word(detail["headers"], "X-GitHub-Event"), Word(detail["headers"], "X-Hub-Signature-256")));
        await api.SendAsync(HttpMethod.Get, $"/projects/{door.Key}/deliveries/999999", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Sent_again_it_is_decided_by_the_triggers_of_today_in_the_name_of_who_asked()
    {
        using var door = await WebhookDoor.MakeAsync(api, new TriggerSpec { Branches = ["release"] });
        await door.GitHubAsync(WebhookDoor.Push());
        var id = (await door.KeptAsync())[0].Id;

        Assert.Equal("branch main matches no trigger (release)", (await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/deliveries/{id}/redeliver", null, HttpStatusCode.OK)).Text("ignored"));
        await door.ChangeAsync(db => db.Projects.Single(p => p.Id == door.Project.Id).Triggers = new TriggerSpec());
        var answer = await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/deliveries/{id}/redeliver", null, HttpStatusCode.Accepted, Role.Deployer);

        var deployment = await api.SendAsync(HttpMethod.Get, $"/deployments/{answer["deployments"][0]}", null, HttpStatusCode.OK);
        Assert.Equal(("webhook", "deployer"), (deployment.Text("trigger"), deployment.Text("requestedBy")));
        var kept = await door.KeptAsync();
        Assert.Equal(3, kept.Count);
        Assert.Equal(id, kept[0].RepeatOf);
        await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/deliveries/{id}/redeliver", null, HttpStatusCode.Forbidden, Role.Viewer);
    }

    [Fact]
    public async Task What_cannot_be_read_cannot_be_sent_again()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        await door.GitHubAsync("not json");

        await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/deliveries/{(await door.KeptAsync())[0].Id}/redeliver", null, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Triggers_are_tried_on_what_came_without_deploying()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        await door.GitHubAsync(WebhookDoor.Push("refs/heads/dev", path: "api/a.cs"));
        await door.GitHubAsync(WebhookDoor.Push(path: "docs/a.md"));
        await using var db = await api.Contexts.CreateDbContextAsync();
        var before = await db.Deployments.CountAsync();

        var tried = await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/deliveries/try", """{"triggers":{"branches":["**"],"paths":["api/**"]}}""", HttpStatusCode.OK, Role.Viewer);

        Assert.Equal(
            [("main", false, "path filter: none of 1 changed files matches api/**"), ("dev", true, "branch dev, api/a.cs changed")],
            tried["items"].EnumerateArray().Select(t => (Word(t, "ref"), t.GetProperty("deploys").GetBoolean(), Word(t, "verdict"))));
        Assert.Equal(before, await db.Deployments.CountAsync());
        Assert.Equal(["triggers.branches[0]"], (await api.SendAsync(HttpMethod.Post, $"/projects/{door.Key}/deliveries/try", """{"triggers":{"branches":["a b"]}}""", HttpStatusCode.BadRequest)).Faults);
    }

    [Fact]
    public async Task Nobody_learns_of_deliveries_of_projects_they_may_not_see()
    {
        using var theirs = await WebhookDoor.MakeAsync(api);
        using var mine = await WebhookDoor.MakeAsync(api);
        await theirs.GitHubAsync(WebhookDoor.Push());
        var id = (await theirs.KeptAsync())[0].Id;
        var token = await api.TokenAsync("hook-member", Role.None, new ProjectRole(mine.Key, Role.Maintainer));

        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Get, $"/projects/{theirs.Key}/deliveries", null), (HttpMethod.Get, $"/projects/{theirs.Key}/deliveries/{id}", null), (HttpMethod.Get, $"/projects/{mine.Key}/deliveries/{id}", null),
            (HttpMethod.Post, $"/projects/{theirs.Key}/deliveries/{id}/redeliver", null), (HttpMethod.Post, $"/projects/{mine.Key}/deliveries/{id}/redeliver", null),
            (HttpMethod.Post, $"/projects/{theirs.Key}/webhook-secret", null), (HttpMethod.Post, $"/projects/{theirs.Key}/deliveries/try", (string?)"""{"triggers":{}}"""),
        })
        {
            await api.SendAsync(token, method, path, body, HttpStatusCode.NotFound);
        }

        await api.SendAsync(HttpMethod.Post, $"/projects/{theirs.Key}/webhook-secret", null, HttpStatusCode.Forbidden, Role.Deployer);
    }

    private static string? Word(JsonElement element, string name) => element.GetProperty(name).GetString();
}
