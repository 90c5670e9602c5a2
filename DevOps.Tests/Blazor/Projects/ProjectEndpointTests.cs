using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Projects;

public sealed class ProjectEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Whole_project_of_the_contract_comes_back_without_its_secrets()
    {
        var created = await api.SendAsync(HttpMethod.Post, "/projects", """
            {
              "key": "whole", "name": "Web shop", "description": "Sells",
              "repository": { "url": "git@git.example:team/shop.git", "branch": "main", "submodules": true },
              "build": {
                "image": "node:22", "script": ["npm ci", "npm run build"], "variables": { "CI": "true" }, "secrets": { "NPM_TOKEN": "sesame-open" },
                "artifacts": ["dist/**", "!**/*.map", "package.json"], "caches": ["/root/.npm"],
                "cpus": 1.5, "memoryMb": 1024, "pids": 512, "timeoutSeconds": 900, "network": "none"
              },
              "deploy": {
                "path": "/srv/{project}/{environment}", "keepReleases": 3, "shared": ["storage/", ".env"],
                "beforeActivate": ["./migrate"], "restart": ["systemctl restart shop"], "afterActivate": ["true"],
                "control": { "start": "systemctl start shop", "stop": "systemctl stop shop", "status": "", "log": "journalctl -fu shop" },
                "health": { "url": "http://{host}:3000/healthz", "command": "", "timeoutSeconds": 5, "retries": 10, "intervalSeconds": 2 },
                "rolling": { "batch": "25%", "maxFailures": 0 },
                "rollbackOnFailure": true, "verifyChecksums": true, "commandTimeoutSeconds": 600
              }
            }
            """, HttpStatusCode.Created);

        Assert.Equal("/api/v1/projects/whole", created.Location);
        var read = await api.SendAsync(HttpMethod.Get, "/projects/whole", null, HttpStatusCode.OK, Role.Viewer);
        Assert.Equal(created.Body.ToString(), read.Body.ToString());
        Assert.NotNull(read.Tag);
        Assert.DoesNotContain("sesame", read.Body.ToString(), StringComparison.Ordinal);
        Assert.Equal("""["NPM_TOKEN"]""", read["build"].GetProperty("secretNames").GetRawText());
        Assert.False(read["build"].TryGetProperty("secrets", out _));
        Assert.Equal(1.5, read["build"].GetProperty("cpus").GetDouble());
        Assert.Equal("25%", read["deploy"].GetProperty("rolling").GetProperty("batch").GetString());
    }

    [Fact]
    public async Task Read_project_can_be_sent_back_as_it_is_and_keeps_its_secrets()
    {
        await CreateAsync("roundtrip", """, "secrets": { "TOKEN": "sesame" }""");
        var read = await api.SendAsync(HttpMethod.Get, "/projects/roundtrip", null, HttpStatusCode.OK);

        var put = await api.SendAsync(HttpMethod.Put, "/projects/roundtrip", read.Body.ToString(), HttpStatusCode.OK, ifMatch: read.Tag);

        Assert.Equal(read.Body.ToString(), put.Body.ToString());
        Assert.NotEqual(read.Tag, put.Tag);
        await api.SendAsync(HttpMethod.Put, "/projects/roundtrip", read.Body.ToString(), HttpStatusCode.PreconditionFailed, ifMatch: read.Tag);
        await api.SendAsync(HttpMethod.Delete, "/projects/roundtrip", null, HttpStatusCode.PreconditionFailed, ifMatch: read.Tag);
        await api.SendAsync(HttpMethod.Delete, "/projects/roundtrip", null, HttpStatusCode.NoContent, ifMatch: put.Tag);
        await api.SendAsync(HttpMethod.Get, "/projects/roundtrip", null, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("\"triggers\": {\"branch\": []}", "triggers.branch")]
    [InlineData("\"triggers\": {\"branches\": [\"refs/heads/main\"]}", "triggers.branches[0]")]
    [InlineData("\"triggers\": {\"tags\": [\"!v1\"]}", "triggers.tags")]
    [InlineData("\"triggers\": {\"paths\": [\"../x\"]}", "triggers.paths")]
    [InlineData("\"triggers\": {\"skipMarkers\": [\" \"]}", "triggers.skipMarkers[0]")]
    [InlineData("\"build\": {\"cpu\": 1}", "build.cpu")]
    [InlineData("\"deploy\": {\"path\": \"/srv/x\", \"control\": {\"begin\": \"x\"}}", "deploy.control.begin")]
    [InlineData("\"deploy\": {\"path\": \"/srv/x\", \"control\": {\"log\": \"a\\r\\nb\"}}", "deploy.control.log[0]")]
    [InlineData("\"deploy\": {\"path\": \"/srv/x\", \"rolling\": {\"first\": -1}}", "deploy.rolling.first")]
    [InlineData("\"build\": {\"memoryMb\": \"big\"}", "build.memoryMb")]
    [InlineData("\"build\": {\"memoryMb\": 1}", "build.memoryMb")]
    [InlineData("\"build\": {\"image\": \"a b\"}", "build.image")]
    [InlineData("\"build\": {\"script\": null}", "build.script")]
    [InlineData("\"build\": {\"variables\": {\"A\": null}}", "build.variables.A")]
    [InlineData("\"build\": {\"secrets\": {\"LD_PRELOAD\": \"x\"}}", "build.secrets.LD_PRELOAD")]
    [InlineData("\"deploy\": {\"path\": \"/etc\"}", "deploy.path")]
    [InlineData("\"deploy\": {\"path\": \"/srv/x\", \"health\": {\"url\": \"ftp://x\"}}", "deploy.health.url")]
    [InlineData("\"repository\": {\"url\": \"ext::sh -c id\"}", "repository.url")]
    [InlineData("\"repository\": {\"url\": \"https://git.example/a.git\", \"credential\": \"nobody\"}", "repository.credential")]
    [InlineData("\"key\": \"Not A Slug\"", "key")]
    public async Task Create_names_the_field_that_cannot_be_accepted(string part, string field)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["key"] = "\"key\": \"faulty\"",
            ["repository"] = "\"repository\": {\"url\": \"https://git.example/a.git\"}",
            ["deploy"] = "\"deploy\": {\"path\": \"/srv/faulty\"}",
        };
        parts[part.Split('"')[1]] = part;

        var answer = await api.SendAsync(HttpMethod.Post, "/projects", "{" + string.Join(", ", parts.Values) + "}", HttpStatusCode.BadRequest);

        Assert.Equal([field], answer.Faults);
    }

    [Fact]
    public async Task Create_twice_is_a_conflict()
    {
        await CreateAsync("twice");
        await api.SendAsync(HttpMethod.Post, "/projects", Body("twice"), HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData(Role.Viewer, HttpStatusCode.Forbidden)]
    [InlineData(Role.Deployer, HttpStatusCode.Forbidden)]
    [InlineData(Role.Maintainer, HttpStatusCode.NoContent)]
    public async Task Roles_decide_who_changes(Role role, HttpStatusCode expected)
    {
        var key = $"by-{role}".ToLowerInvariant();
        await CreateAsync(key);

        await api.SendAsync(HttpMethod.Get, $"/projects/{key}", null, HttpStatusCode.OK, role);
        await api.SendAsync(HttpMethod.Put, $"/projects/{key}", Body(key), expected == HttpStatusCode.NoContent ? HttpStatusCode.OK : expected, role);
        await api.SendAsync(HttpMethod.Delete, $"/projects/{key}", null, expected, role);
    }

    [Fact]
    public async Task Member_of_one_project_does_not_learn_of_others()
    {
        await CreateAsync("mine");
        await CreateAsync("theirs");
        var token = await api.TokenAsync("member", Role.None, new ProjectRole("mine", Role.Maintainer));

        await api.SendAsync(token, HttpMethod.Get, "/projects/mine", null, HttpStatusCode.OK);
        var list = await api.SendAsync(token, HttpMethod.Get, "/projects", null, HttpStatusCode.OK);
        Assert.Equal(1, list["total"].GetInt32());
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/projects/theirs"), (HttpMethod.Put, "/projects/theirs"), (HttpMethod.Delete, "/projects/theirs"), (HttpMethod.Post, "/projects/theirs/check"),
            (HttpMethod.Get, "/projects/theirs/environments"), (HttpMethod.Put, "/projects/theirs/environments/production"),
            (HttpMethod.Delete, "/projects/theirs/environments/production"), (HttpMethod.Get, "/projects/theirs/releases"), (HttpMethod.Get, "/projects/theirs/releases/1"),
            (HttpMethod.Get, "/projects/theirs/releases/1/artifact"),
        })
        {
            await api.SendAsync(token, method, path, method == HttpMethod.Put ? (path.Contains("env", StringComparison.Ordinal) ? "{}" : Body("theirs")) : null, HttpStatusCode.NotFound);
        }

        foreach (var path in new[] { "/servers", "/credentials" })
        {
            await api.SendAsync(token, HttpMethod.Get, path, null, HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task Check_answers_branches_or_a_clear_error()
    {
        await CreateAsync("checked");
        var commit = api.Source.Commit("main", new Dictionary<string, string>());

        var good = await api.SendAsync(HttpMethod.Post, "/projects/checked/check", null, HttpStatusCode.OK);
        Assert.Equal(commit.Sha, good["branches"][0].GetProperty("sha").GetString());
        Assert.Equal("main", good["branches"][0].GetProperty("name").GetString());
        api.Source.Failure = new StepFailure("The host git.example is unknown.");
        try
        {
            Assert.Equal("The host git.example is unknown.", (await api.SendAsync(HttpMethod.Post, "/projects/checked/check", null, HttpStatusCode.Conflict)).Text("detail"));
        }
        finally
        {
            api.Source.Failure = null;
        }
    }

    [Fact]
    public async Task List_is_paged_newest_first()
    {
        await CreateAsync("older");
        await CreateAsync("newer");

        var first = await api.SendAsync(HttpMethod.Get, "/projects?page=1&pageSize=1", null, HttpStatusCode.OK);

        Assert.Equal(1, first["items"].GetArrayLength());
        Assert.Equal(1, first["page"].GetInt32());
        Assert.Equal(1, first["pageSize"].GetInt32());
        Assert.True(first["total"].GetInt32() >= 2);
        await api.SendAsync(HttpMethod.Get, "/projects?pageSize=201", null, HttpStatusCode.BadRequest);
    }

    private static string Body(string key, string build = "") => $$"""
        { "key": "{{key}}", "repository": { "url": "https://git.example/{{key}}.git" }, "build": { "image": "node:22"{{build}} }, "deploy": { "path": "/srv/{{key}}/{environment}" } }
        """;

    private Task<RoomsApi.Answer> CreateAsync(string key, string build = "") => api.SendAsync(HttpMethod.Post, "/projects", Body(key, build), HttpStatusCode.Created);
}
