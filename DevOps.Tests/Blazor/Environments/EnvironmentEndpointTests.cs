using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Environments;

public sealed class EnvironmentEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Put_creates_then_replaces_and_never_shows_secrets()
    {
        await ProjectAsync("envs");
        await ServerAsync("envs-1");
        const string body = """{"position":2,"servers":["envs-1"],"serverTags":["envs"],"variables":{"A":"b"},"secrets":{"DB_PASSWORD":"sesame-open"},"files":{"config/app.json":"{}"},"autoDeploy":true,"supersede":false,"approvals":{"required":1,"role":"admin","expireSeconds":60},"freezes":[{"from":"2026-12-24T00:00:00.000Z","to":"2026-12-27T00:00:00.000Z","reason":"holidays"}],"freezeWeekly":[{"day":"friday","from":"17:00","to":"24:00","timeZone":"Asia/Shanghai"}]}""";

        var created = await api.SendAsync(HttpMethod.Put, "/projects/envs/environments/production", body, HttpStatusCode.Created);
        Assert.Equal("/api/v1/projects/envs/environments/production", created.Location);
        var read = await api.SendAsync(HttpMethod.Get, "/projects/envs/environments/production", null, HttpStatusCode.OK, Role.Viewer);
        Assert.Equal(
            """{"name":"production","position":2,"servers":["envs-1"],"serverTags":["envs"],"variables":{"A":"b"},"secretNames":["DB_PASSWORD"],"files":{"config/app.json":"{}"},"autoDeploy":true,"supersede":false,"approvals":{"required":1,"role":"admin","expireSeconds":60},"promoteFrom":null,"freezes":[{"from":"2026-12-24T00:00:00.000Z","to":"2026-12-27T00:00:00.000Z","reason":"holidays"}],"freezeWeekly":[{"day":"friday","from":"17:00","to":"24:00","timeZone":"Asia/Shanghai"}],"lock":null}""",
            read.Body.GetRawText());

        var put = await api.SendAsync(HttpMethod.Put, "/projects/envs/environments/production", read.Body.GetRawText(), HttpStatusCode.OK, ifMatch: read.Tag);
        Assert.Equal(read.Body.GetRawText(), put.Body.GetRawText());
        await api.SendAsync(HttpMethod.Put, "/projects/envs/environments/production", "{}", HttpStatusCode.PreconditionFailed, ifMatch: read.Tag);
        var emptied = await api.SendAsync(HttpMethod.Put, "/projects/envs/environments/production", """{"secrets":{"DB_PASSWORD":null}}""", HttpStatusCode.OK);
        Assert.Equal(0, emptied["secretNames"].GetArrayLength());
        Assert.Equal(0, emptied["servers"].GetArrayLength());
        await api.SendAsync(HttpMethod.Delete, "/projects/envs/environments/production", null, HttpStatusCode.NoContent);
        await api.SendAsync(HttpMethod.Get, "/projects/envs/environments/production", null, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"autoDeploy":"yes"}""", "autoDeploy")]
    [InlineData("""{"approvals":{"needed":1}}""", "approvals.needed")]
    [InlineData("""{"freezes":[{"from":"2026-12-24T00:00:00Z","to":"2026-12-23T00:00:00Z"}]}""", "freezes[0].to")]
    [InlineData("""{"freezeWeekly":[{"day":"friday","from":"17:00","to":"24:00","timeZone":"Beijing"}]}""", "freezeWeekly[0].timeZone")]
    [InlineData("""{"promoteFrom":"nowhere"}""", "promoteFrom")]
    [InlineData("""{"position":0}""", "position")]
    [InlineData("""{"servers":["nobody"]}""", "servers[0]")]
    [InlineData("""{"files":{"../etc/passwd":"x"}}""", "files.../etc/passwd")]
    [InlineData("""{"variables":{"DEPLOY_ID":"1"}}""", "variables.DEPLOY_ID")]
    [InlineData("""{"name":"other"}""", "name")]
    public async Task Put_names_the_field_that_cannot_be_accepted(string body, string field)
    {
        await ProjectAsync("faulty", mayExist: true);
        Assert.Equal([field], (await api.SendAsync(HttpMethod.Put, "/projects/faulty/environments/staging", body, HttpStatusCode.BadRequest)).Faults);
    }

    [Fact]
    public async Task List_is_in_the_order_of_positions()
    {
        await ProjectAsync("line");
        await api.SendAsync(HttpMethod.Put, "/projects/line/environments/production", """{"position":2}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, "/projects/line/environments/staging", """{"position":1}""", HttpStatusCode.Created);

        var list = await api.SendAsync(HttpMethod.Get, "/projects/line/environments", null, HttpStatusCode.OK, Role.Viewer);

        Assert.Equal(["staging", "production"], list["items"].EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        Assert.Equal(2, list["total"].GetInt32());
    }

    [Fact]
    public async Task Releases_are_listed_shown_and_downloaded()
    {
        await ProjectAsync("rel");
        await ServerAsync("rel-1");
        await api.SendAsync(HttpMethod.Put, "/projects/rel/environments/production", """{"servers":["rel-1"]}""", HttpStatusCode.Created);
        var folder = Directory.CreateTempSubdirectory("rel-");
        long projectId;
        await using (var db = await api.Contexts.CreateDbContextAsync())
        {
            projectId = db.Projects.Single(p => p.Key == "rel").Id;
            var environment = db.Environments.Single(e => e.ProjectId == projectId);
            db.Releases.AddRange(Enumerable.Range(1, 2).Select(n => new Release { ProjectId = projectId, Number = n, CommitSha = "abc", CommitMessage = "Change", BuildFingerprint = "f", Sha256 = "s", SizeBytes = 5, Files = 1, BuiltAt = DateTimeOffset.UnixEpoch }));
            db.Applications.Add(new() { EnvironmentId = environment.Id, ServerId = db.Servers.Single(s => s.Name == "rel-1").Id, Path = "/srv/rel", Release = 2, ActivatedAt = DateTimeOffset.UnixEpoch });
            await db.SaveChangesAsync();
        }

        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.txt"), "hello");
            await api.Artifacts.PackAsync(new PackRequest(projectId, 2, folder.FullName, ["**"]), null!, CancellationToken.None);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var list = await api.SendAsync(HttpMethod.Get, "/projects/rel/releases", null, HttpStatusCode.OK, Role.Viewer);
        Assert.Equal([2, 1], list["items"].EnumerateArray().Select(r => r.GetProperty("number").GetInt32()));
        var one = await api.SendAsync(HttpMethod.Get, "/projects/rel/releases/2", null, HttpStatusCode.OK, Role.Viewer);
        Assert.Equal("1970-01-01T00:00:00.000Z", one.Text("builtAt"));
        Assert.Equal("abc", one["commit"].GetProperty("sha").GetString());
        Assert.Equal("production", one["deployedTo"][0].GetProperty("environment").GetString());
        await api.SendAsync(HttpMethod.Get, "/projects/rel/releases/3", null, HttpStatusCode.NotFound);
        await api.SendAsync(HttpMethod.Get, "/projects/rel/releases/1/artifact", null, HttpStatusCode.Conflict);

        using var client = await api.AsAsync(Role.Viewer);
        using var download = await client.GetAsync("/api/v1/projects/rel/releases/2/artifact");
        Assert.Equal("application/x-tar", download.Content.Headers.ContentType?.MediaType);
        Assert.Equal("rel-2.tar", download.Content.Headers.ContentDisposition?.FileName);
        Assert.Contains("hello", System.Text.Encoding.Latin1.GetString(await download.Content.ReadAsByteArrayAsync()), StringComparison.Ordinal);
    }

    private async Task ProjectAsync(string key, bool mayExist = false)
    {
        if (mayExist && (await api.SendAsync(HttpMethod.Get, "/projects?pageSize=200", null, HttpStatusCode.OK))["items"].EnumerateArray().Any(p => p.GetProperty("key").ValueEquals(key)))
        {
            return;
        }

        await api.SendAsync(HttpMethod.Post, "/projects", $$"""{"key":"{{key}}","repository":{"url":"https://git.example/a.git"},"deploy":{"path":"/srv/{{key}}/{environment}" } }""", HttpStatusCode.Created);
    }

    private async Task ServerAsync(string name)
    {
        await api.SendAsync(HttpMethod.Post, "/credentials", $$"""{"name":"{{name}}-key","kind":"password","value":"hunter2-hunter2"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/servers", $$"""{"name":"{{name}}","host":"{{name}}.example","user":"deploy","credential":"{{name}}-key"}""", HttpStatusCode.Created);
    }
}
