using System.Net;
using System.Text;
using DevOps.Core.Deployments;
using DevOps.Core.Projects;
using DevOps.Core.Webhooks;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Blazor.Webhooks;

public sealed class WebhookEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Push_that_matches_asks_for_a_deployment_in_every_environment_that_follows()
    {
        using var door = await WebhookDoor.MakeAsync(api, null, "dev", "staging", "production");
        await door.ChangeAsync(db => db.Environments.Single(e => e.ProjectId == door.Project.Id && e.Name == "production").AutoDeploy = false);

        var answer = await door.GitHubAsync(WebhookDoor.Push(message: "Make it blue\n\nLonger."));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(2, answer.Deployments.Count);
        await using var db = await api.Contexts.CreateDbContextAsync();
        var deployment = await db.Deployments.Include(d => d.Servers).SingleAsync(d => d.Id == answer.Deployments[0]);
        Assert.Equal((Trigger.Webhook, "lin", DeploymentStatus.Queued), (deployment.Trigger, deployment.RequestedBy, deployment.Status));
        Assert.Equal(("2222222222222222222222222222222222222222", "main", "Make it blue", "Lin"), (deployment.CommitSha, deployment.CommitRef, deployment.CommitMessage, deployment.CommitAuthor));
        Assert.NotEmpty(deployment.Servers);
        Assert.Equal(1, await db.Jobs.CountAsync(j => j.Id == deployment.JobId));
        var kept = Assert.Single(await door.KeptAsync());
        Assert.Equal((DeliveryOutcome.Accepted, $"accepted: branch main → dev #{answer.Deployments[0]}; staging #{answer.Deployments[1]}"), (kept.Outcome, kept.Verdict.ToString()));
    }

    [Fact]
    public async Task Push_that_does_not_match_is_answered_with_why()
    {
        using var door = await WebhookDoor.MakeAsync(api, new TriggerSpec { Branches = ["main"], Paths = ["src/**"] });

        foreach (var (body, why) in new[]
        {
            (WebhookDoor.Push("refs/heads/dev"), "branch dev matches no trigger (main)"),
            (WebhookDoor.Push("refs/tags/v1"), "tag v1 matches no trigger (there is none for it)"),
            (WebhookDoor.Push(path: "docs/a.md"), "path filter: none of 1 changed files matches src/**"),
            (WebhookDoor.Push(message: "x [skip deploy]"), "the message of the newest commit holds [skip deploy]"),
            (WebhookDoor.Push(after: new string('0', 40)), "branch main was deleted"),
        })
        {
            var answer = await door.GitHubAsync(body);
            Assert.Equal((HttpStatusCode.OK, why), (answer.Status, answer.Why));
            Assert.Equal("ignored: " + why, (await door.KeptAsync())[0].Verdict.ToString());
        }
    }

    [Theory]
    [InlineData("ping", "a ping: the webhook works")]
    [InlineData("issues", "the event issues is not a push")]
    public async Task Other_events_are_ignored(string name, string why)
    {
        using var door = await WebhookDoor.MakeAsync(api);

        var answer = await door.GitHubAsync("{\"zen\":\"Keep it logically awesome.\"}", name: name);

        Assert.Equal((HttpStatusCode.OK, why), (answer.Status, answer.Why));
    }

    [Fact]
    public async Task Project_without_an_environment_that_follows_says_so()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        await door.ChangeAsync(db => db.Environments.Single(e => e.ProjectId == door.Project.Id).AutoDeploy = false);

        var answer = await door.GitHubAsync(WebhookDoor.Push());

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("autoDeploy", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_that_cannot_take_it_does_not_keep_the_others_from_it()
    {
        using var door = await WebhookDoor.MakeAsync(api, null, "dev", "staging");
        await door.ChangeAsync(db => db.Environments.Single(e => e.ProjectId == door.Project.Id && e.Name == "dev").Servers.Clear());

        var answer = await door.GitHubAsync(WebhookDoor.Push());

        Assert.Single(answer.Deployments);
        Assert.Contains("dev: The environment dev has no server.", (await door.KeptAsync())[0].Verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivery_that_deployed_is_recognised_when_it_comes_again_and_answered_alike()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var first = await door.GitHubAsync(WebhookDoor.Push(), "7f1d");

        var second = await door.GitHubAsync(WebhookDoor.Push(), "7f1d");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal(first.Deployments, second.Deployments);
        Assert.Equal("this delivery was already received", second.Why);
        Assert.Equal(2, Assert.Single(await door.KeptAsync()).Times);
    }

    [Fact]
    public async Task Delivery_that_comes_many_times_at_once_deploys_once()
    {
        using var door = await WebhookDoor.MakeAsync(api);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => door.GitHubAsync(WebhookDoor.Push(), "same")));

        Assert.Single(answers, a => a.Status == HttpStatusCode.Accepted);
        Assert.Equal(7, answers.Count(a => a.Status == HttpStatusCode.OK));
        Assert.Single(answers.SelectMany(a => a.Deployments).Distinct());
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.Equal(1, await db.Deployments.CountAsync(d => d.ProjectId == door.Project.Id));
    }

    [Fact]
    public async Task Delivery_that_led_to_nothing_is_looked_at_again()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        await door.ChangeAsync(db => db.Environments.Single(e => e.ProjectId == door.Project.Id).AutoDeploy = false);
        Assert.Equal(HttpStatusCode.OK, (await door.GitHubAsync(WebhookDoor.Push(), "again")).Status);
        await door.ChangeAsync(db => db.Environments.Single(e => e.ProjectId == door.Project.Id).AutoDeploy = true);

        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push(), "again")).Status);
    }

    [Fact]
    public async Task Bad_signature_missing_signature_missing_secret_and_missing_project_look_alike()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var body = Encoding.UTF8.GetBytes(WebhookDoor.Push());
        var good = ("X-Hub-Signature-256", "sha256=" + door.Hmac(WebhookDoor.Push()));
        (string, string) bad = ("X-Hub-Signature-256", "sha256=" + new string('0', 64));
        await api.SendAsync(HttpMethod.Post, "/projects", """{"key":"no-secret","repository":{"url":"https://git.example/a.git"},"deploy":{"path":"/srv/no-secret"}}""", HttpStatusCode.Created);

        WebhookDoor.Answer[] answers =
        [
            await door.SendAsync($"/webhooks/github/{door.Key}", body, "application/json", bad),
            await door.SendAsync($"/webhooks/github/{door.Key}", body, "application/json"),
            await door.SendAsync("/webhooks/github/not-there", body, "application/json", good),
            await door.SendAsync("/webhooks/github/not-there", body, "application/json"),
            await door.SendAsync("/webhooks/github/no-secret", body, "application/json", good),
            await door.SendAsync("/webhooks/github/Not%20A%20Key", body, "text/plain", good),
            await door.SendAsync($"/webhooks/github/{door.Key}", "not json"u8.ToArray(), "application/json", bad),
            await door.SendAsync($"/webhooks/github/{door.Key}", body, "text/plain", bad),
        ];

        Assert.All(answers, a => Assert.Equal((HttpStatusCode.Unauthorized, WithoutTrace(answers[0]), "application/problem+json"), (a.Status, WithoutTrace(a), a.MediaType)));
        Assert.DoesNotContain(await door.KeptAsync(), d => d.Outcome != DeliveryOutcome.Rejected);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"ref\":\"refs/heads/main\"}")]
    public async Task Authentic_body_that_is_no_push_is_refused_and_kept(string body)
    {
        using var door = await WebhookDoor.MakeAsync(api);

        Assert.Equal(HttpStatusCode.BadRequest, (await door.GitHubAsync(body)).Status);

        Assert.Equal(DeliveryOutcome.Unreadable, Assert.Single(await door.KeptAsync()).Outcome);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "On GitHub, edit the webhook and set \"Content type\" to application/json.")]
    [InlineData("text/plain", "application/json")]
    [InlineData(null, "application/json")]
    public async Task Other_content_type_is_refused_with_what_to_change(string? contentType, string advice)
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var body = "payload=" + Uri.EscapeDataString(WebhookDoor.Push());

        var answer = await door.SendAsync("github", body, contentType, ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=" + door.Hmac(body)));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
        Assert.Contains(advice, answer.Why, StringComparison.Ordinal);
        Assert.Contains(advice, (await door.KeptAsync())[0].Verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_type_may_bear_a_character_set()
    {
        using var door = await WebhookDoor.MakeAsync(api);

        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push(), contentType: "application/json; charset=utf-8")).Status);
    }

    [Fact]
    public async Task Body_over_25_MB_is_refused_and_one_below_is_read()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var push = WebhookDoor.Push();

        var large = await door.GitHubAsync(push + new string(' ', (24 * 1024 * 1024) - push.Length));
        var tooLarge = await door.GitHubAsync(push + new string(' ', (25 * 1024 * 1024) + 1 - push.Length));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.RequestEntityTooLarge), (large.Status, tooLarge.Status));
        var kept = Assert.Single(await door.KeptAsync());
        Assert.Null(kept.Body);
        Assert.Equal(24 * 1024 * 1024, kept.BodyBytes);
    }

    [Fact]
    public async Task Unknown_sender_is_not_there()
    {
        using var door = await WebhookDoor.MakeAsync(api);

        Assert.Equal(HttpStatusCode.NotFound, (await door.SendAsync("sourceforge", "{}", "application/json")).Status);
    }

    [Fact]
    public async Task Gitlab_gitea_gitee_bitbucket_and_others_come_in_by_their_own_signs()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var push = WebhookDoor.Push();
        const string bitbucket = """{"push":{"changes":[{"new":{"type":"branch","name":"main","target":{"hash":"2222222222222222222222222222222222222222","message":"x"}}}]}}""";

        WebhookDoor.Answer[] answers =
        [
            await door.SendAsync("gitlab", push, "application/json", ("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Token", door.Secret)),
            await door.SendAsync("gitea", push, "application/json", ("X-Gitea-Event", "push"), ("X-Gitea-Signature", door.Hmac(push))),
            await door.SendAsync("gitee", push, "application/json", ("X-Gitee-Event", "Push Hook"), ("X-Gitee-Token", door.Secret), ("X-Gitee-Timestamp", "1576754827988")),
            await door.SendAsync("bitbucket", bitbucket, "application/json", ("X-Event-Key", "repo:push"), ("X-Hub-Signature", "sha256=" + door.Hmac(bitbucket))),
            await door.SendAsync("generic", "{\"ref\":\"main\"}", "application/json", ("Authorization", "Bearer " + door.Secret)),
        ];

        Assert.All(answers, a => Assert.True(a.Status == HttpStatusCode.Accepted, a.Text));
        await using var db = await api.Contexts.CreateDbContextAsync();
        var id = answers[^1].Deployments[0];
        var last = await db.Deployments.SingleAsync(d => d.Id == id);
        Assert.Equal(("webhook", "main", null), (last.RequestedBy, last.RequestedRef, last.CommitSha));
    }

    [Fact]
    public async Task Secret_that_a_sender_writes_into_the_body_is_not_kept()
    {
        using var door = await WebhookDoor.MakeAsync(api);
        var body = WebhookDoor.Push().Replace("{\"ref\"", $"{{\"password\":\"{door.Secret}\",\"ref\"", StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Accepted, (await door.SendAsync("gitee", body, "application/json", ("X-Gitee-Event", "Push Hook"), ("X-Gitee-Token", door.Secret))).Status);

        var kept = (await door.KeptAsync())[0];
        Assert.DoesNotContain(door.Secret, Encoding.UTF8.GetString(kept.Body!) + string.Join(' ', kept.Headers.Values), StringComparison.Ordinal);
        Assert.Contains("\"password\":\"*", Encoding.UTF8.GetString(kept.Body!), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(RealBodies))]
    public async Task Body_of_a_real_sender_gets_the_right_answer(string provider, string file, string header, string name, HttpStatusCode status, string why)
    {
        using var door = await WebhookDoor.MakeAsync(api, new TriggerSpec { Branches = ["master", "name-of-branch"], Tags = ["v*"] });
        var body = file.StartsWith('{') ? file : await File.ReadAllTextAsync(Path.Combine(SharedFolder.Of("fixtures/webhooks"), file));
        var sign = provider switch
        {
            "github" => ("X-Hub-Signature-256", "sha256=" + door.Hmac(body)),
            "bitbucket" => ("X-Hub-Signature", "sha256=" + door.Hmac(body)),
            "gitlab" => ("X-Gitlab-Token", door.Secret),
            _ => ("X-Gogs-Signature", door.Hmac(body)),
        };

        var answer = await door.SendAsync(provider, body, "application/json", (header, name), sign);

        Assert.True(answer.Status == status, answer.Text);
        Assert.StartsWith(why, (await door.KeptAsync())[0].Verdict.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string, HttpStatusCode, string> RealBodies()
    {
        var data = new TheoryData<string, string, string, string, HttpStatusCode, string>
        {
            { "gitea", """{"ref":"refs/heads/master","before":"","after":"2222222222222222222222222222222222222222","commits":null,"pusher":{"login":"lin"}}""", "X-Gogs-Event", "push", HttpStatusCode.Accepted, "accepted: branch master" },
        };
        if (SharedFolder.Has("fixtures/webhooks"))
        {
            data.Add("github", "github/ping.json", "X-GitHub-Event", "ping", HttpStatusCode.OK, "ignored: a ping");
            data.Add("github", "github/push.json", "X-GitHub-Event", "push", HttpStatusCode.Accepted, "accepted: branch master");
            data.Add("gitlab", "gitlab/push-event.json", "X-Gitlab-Event", "Push Hook", HttpStatusCode.Accepted, "accepted: branch master");
            data.Add("gitlab", "gitlab/tag-event.json", "X-Gitlab-Event", "Tag Push Hook", HttpStatusCode.Accepted, "accepted: tag v1.0.0");
            data.Add("gitea", "gitea/push-event.json", "X-Gitea-Event", "push", HttpStatusCode.Accepted, "accepted: branch master");
            data.Add("gitea", "gogs/push-event.json", "X-Gogs-Event", "push", HttpStatusCode.OK, "ignored: branch develop matches no trigger (master, name-of-branch)");
            data.Add("bitbucket", "bitbucket/repo-push.json", "X-Event-Key", "repo:push", HttpStatusCode.Accepted, "accepted: branch name-of-branch");
        }

        return data;
    }

    private static string WithoutTrace(WebhookDoor.Answer answer) => answer.Text[..answer.Text.IndexOf("\"traceId\"", StringComparison.Ordinal)];
}
