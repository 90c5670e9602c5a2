using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Api;

/// <summary>Every PUT and PATCH of the description, those to come included: what is replaced has a tag, and who has read an older one changes nothing.</summary>
public sealed class ReplacementTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    // What is replaced in the walk; COUNT becomes another number each time, so that each replacement is a change.
    private static readonly Dictionary<string, (string Path, string Body)> Replacements = new(StringComparer.Ordinal)
    {
        ["PUT /api/v1/projects/{key}"] = ("/projects/tagged", """{"description": "COUNT", "repository": {"url": "https://git.example/a.git"}, "build": {"image": "node:22"}, "deploy": {"path": "/srv/tagged"}}"""),
        ["PUT /api/v1/projects/{key}/environments/{name}"] = ("/projects/tagged/environments/dev", """{"variables": {"A": "COUNT"}}"""),
        ["PUT /api/v1/projects/{key}/schedules/{name}"] = ("/projects/tagged/schedules/nightly", """{"environment": "dev", "cron": "COUNT 3 * * *"}"""),
        ["PUT /api/v1/users/{username}"] = ("/users/tagged", """{"displayName": "Number COUNT", "role": "viewer"}"""),
        ["PUT /api/v1/servers/{name}"] = ("/servers/tagged", """{"host": "a.example", "port": COUNT, "user": "deploy", "credential": "tag-key"}"""),
        ["PUT /api/v1/notifications/channels/{name}"] = ("/notifications/channels/tagged", """{"kind": "webhook", "url": "https://x.example/COUNT"}"""),
        ["PUT /api/v1/settings"] = ("/settings", """{"retention": {"logDays": COUNT}}"""),

        // Its tag is its value, and to require a second factor of the administrator would end the walk.
        ["PUT /api/v1/settings/two-factor"] = ("/settings/two-factor", """{"requiredFrom": null}"""),
    };

    private int _count = 40;

    [Fact]
    public async Task What_was_read_before_somebody_elses_change_replaces_nothing()
    {
        var operations = await ReplacementsAsync();
        Assert.Equal(operations, Replacements.Keys.Order(StringComparer.Ordinal));
        await MakeAsync();

        foreach (var (path, body) in operations.Select(o => Replacements[o]))
        {
            var read = await api.SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);
            Assert.True(read.Tag is { Length: > 2 }, $"GET {path} sends no ETag.");
            await PutAsync(path, body, HttpStatusCode.PreconditionFailed, "\"read-long-ago\"");
            Assert.Equal(read.Tag, (await api.SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK)).Tag);

            var changed = await PutAsync(path, body, HttpStatusCode.OK, read.Tag);
            Assert.Equal(changed.Tag, (await api.SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK)).Tag);
            if (body.Contains("COUNT", StringComparison.Ordinal))
            {
                await PutAsync(path, body, HttpStatusCode.PreconditionFailed, read.Tag);
            }

            await PutAsync(path, body, HttpStatusCode.OK, "*");
            await PutAsync(path, body, HttpStatusCode.OK, null);
        }
    }

    private Task<RoomsApi.Answer> PutAsync(string path, string body, HttpStatusCode expected, string? tag) =>
        api.SendAsync(HttpMethod.Put, path, body.Replace("COUNT", (++_count % 50 + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal), expected, Role.Admin, tag);

    private async Task<List<string>> ReplacementsAsync()
    {
        using var client = api.Anonymous();
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        return
        [
            .. (from path in document.GetProperty("paths").EnumerateObject()
                from method in path.Value.EnumerateObject()
                where method.Name is "put" or "patch"
                select $"{method.Name.ToUpperInvariant()} {path.Name}").Order(StringComparer.Ordinal),
        ];
    }

    private async Task MakeAsync()
    {
        await api.SendAsync(HttpMethod.Post, "/projects", """{"key": "tagged", "repository": {"url": "https://git.example/a.git"}, "build": {"image": "node:22"}, "deploy": {"path": "/srv/tagged"}}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, "/projects/tagged/environments/dev", "{}", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/projects/tagged/schedules", """{"name": "nightly", "environment": "dev", "cron": "0 3 * * *"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/users", """{"username": "tagged", "password": "correct horse battery"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/credentials", """{"name": "tag-key", "kind": "password", "value": "sesame"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/servers", """{"name": "tagged", "host": "a.example", "user": "deploy", "credential": "tag-key"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/notifications/channels", """{"name": "tagged", "kind": "webhook", "url": "https://x.example/"}""", HttpStatusCode.Created);
    }
}
