using System.Net;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Audit;

/// <summary>What stood before and what stands after, for every kind of thing that people set.</summary>
public sealed class AuditChangesTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Schedule_made_changed_and_deleted_shows_its_fields()
    {
        await ProjectAsync("timed");
        const string Schedule = """{"name": "nightly", "environment": "dev", "ref": "main", "cron": "0 3 * * *", "timeZone": "UTC", "enabled": true, "onlyIfChanged": false}""";
        await api.SendAsync(HttpMethod.Post, "/projects/timed/schedules", Schedule, HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, "/projects/timed/schedules/nightly", Schedule.Replace("0 3", "30 4", StringComparison.Ordinal).Replace("dev", "live", StringComparison.Ordinal).Replace("true", "false", StringComparison.Ordinal), HttpStatusCode.OK);
        await api.SendAsync(HttpMethod.Delete, "/projects/timed/schedules/nightly", null, HttpStatusCode.NoContent);

        Assert.Equal(["cron: − → 0 3 * * *", "enabled: − → true", "environment: − → dev", "onlyIfChanged: − → false", "ref: − → main", "timeZone: − → UTC"], await ChangesAsync("schedule.create", "schedule/timed/nightly"));
        Assert.Equal(["cron: 0 3 * * * → 30 4 * * *", "enabled: true → false", "environment: dev → live"], await ChangesAsync("schedule.change", "schedule/timed/nightly"));
        Assert.Contains("cron: 30 4 * * * → −", await ChangesAsync("schedule.delete", "schedule/timed/nightly"));
    }

    [Fact]
    public async Task Channel_shows_its_fields_and_only_that_address_and_secret_changed()
    {
        await api.SendAsync(HttpMethod.Post, "/notifications/channels", """{"name": "noted", "kind": "webhook", "url": "https://x.example/sesame-1", "secret": "sesame-2", "events": ["failed"]}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, "/notifications/channels/noted", """{"kind": "webhook", "url": "https://x.example/sesame-3", "secret": "sesame-4", "events": ["failed", "succeeded"]}""", HttpStatusCode.OK);
        await api.SendAsync(HttpMethod.Put, "/notifications/channels/noted", """{"kind": "webhook", "url": "https://x.example/sesame-3", "events": ["failed", "succeeded"]}""", HttpStatusCode.OK);

        Assert.Equal(["events: − → failed", "kind: − → webhook", "secret: − → •••", "url: − → •••"], await ChangesAsync("channel.create", "channel/noted"));
        Assert.Equal([], await ChangesAsync("channel.change", "channel/noted"));
        Assert.Equal(["events: failed → failed\nsucceeded", "secret: ••• → •••", "url: ••• → •••"], await ChangesAsync("channel.change", "channel/noted", ago: 1));
        await using var dump = api.Postgres.DataSource.CreateCommand("SELECT string_agg(row_to_json(a)::text, ' ') FROM audit_entries a");
        Assert.DoesNotContain("sesame", (string)(await dump.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_for_approvals_and_freezes_and_the_lock_show_what_they_were()
    {
        await ProjectAsync("ruled");
        await api.SendAsync(
            HttpMethod.Put, "/projects/ruled/environments/dev",
            """{"approvals": {"required": 2, "role": "admin"}, "freezes": [{"from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z", "reason": "New Year"}], "freezeWeekly": [{"day": "friday", "from": "17:00"}]}""", HttpStatusCode.OK);
        var rules = await ChangesAsync("environment.change", "environment/ruled/dev");
        Assert.Contains("approvals.required: 0 → 2", rules);
        Assert.Contains("approvals.role: maintainer → admin", rules);
        Assert.Contains(rules, r => r.StartsWith("freezes: − → {", StringComparison.Ordinal) && r.Contains("New Year", StringComparison.Ordinal));
        Assert.Contains(rules, r => r.StartsWith("freezeWeekly: − → {\"day\":\"friday\",\"from\":\"17:00\"", StringComparison.Ordinal));

        await api.SendAsync(HttpMethod.Post, "/projects/ruled/environments/dev/lock", """{"reason": "Audit in house"}""", HttpStatusCode.OK);
        await api.SendAsync(HttpMethod.Delete, "/projects/ruled/environments/dev/lock", null, HttpStatusCode.NoContent);
        Assert.Contains("lockReason: − → Audit in house", await ChangesAsync("environment.lock", "environment/ruled/dev"));
        Assert.Contains("lockReason: Audit in house → −", await ChangesAsync("environment.unlock", "environment/ruled/dev"));
    }

    [Fact]
    public async Task Settings_and_the_duty_of_a_second_factor_show_what_they_were()
    {
        await api.SendAsync(HttpMethod.Put, "/settings", """{"timeZone": "UTC", "retention": {"logDays": 100}}""", HttpStatusCode.OK);
        await api.SendAsync(HttpMethod.Put, "/settings", """{"timeZone": "Asia/Shanghai", "retention": {"logDays": 50}, "publicUrl": "https://deploy.example"}""", HttpStatusCode.OK);
        Assert.Equal(["publicUrl: − → https://deploy.example", "retention.logDays: 100 → 50", "timeZone: UTC → Asia/Shanghai"], await ChangesAsync("settings.change", "settings"));

        var before = await api.SendAsync(HttpMethod.Get, "/settings/two-factor", null, HttpStatusCode.OK);
        Assert.Equal("\"nobody\"", before.Tag);
        await api.SendAsync(HttpMethod.Put, "/settings/two-factor", """{"requiredFrom": null}""", HttpStatusCode.OK, ifMatch: before.Tag);
        Assert.Equal([], await ChangesAsync("settings.twoFactor", "settings/access"));
    }

    [Fact]
    public async Task Server_shows_the_names_it_points_to()
    {
        foreach (var name in new[] { "first-key", "second-key" })
        {
            await api.SendAsync(HttpMethod.Post, "/credentials", $$"""{"name": "{{name}}", "kind": "password", "value": "sesame"}""", HttpStatusCode.Created);
        }

        await api.SendAsync(HttpMethod.Post, "/servers", """{"name": "pointing", "host": "a.example", "user": "deploy", "credential": "first-key"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, "/servers/pointing", """{"host": "b.example", "user": "deploy", "credential": "second-key"}""", HttpStatusCode.OK);

        Assert.Equal(["credential: first-key → second-key", "host: a.example → b.example"], await ChangesAsync("server.change", "server/pointing"));
    }

    private async Task ProjectAsync(string key)
    {
        await api.SendAsync(HttpMethod.Post, "/projects", """{"key": "KEY", "repository": {"url": "https://git.example/a.git"}, "build": {"image": "node:22"}, "deploy": {"path": "/srv/KEY"}}""".Replace("KEY", key, StringComparison.Ordinal), HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, $"/projects/{key}/environments/dev", "{}", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, $"/projects/{key}/environments/live", "{}", HttpStatusCode.Created);
    }

    /// <summary>The fields of the newest entry, or of one before it: "field: before → after", by name.</summary>
    private async Task<List<string>> ChangesAsync(string action, string subject, int ago = 0)
    {
        var list = await api.SendAsync(HttpMethod.Get, $"/audit?action={action}&subject={subject}", null, HttpStatusCode.OK);
        return [.. list["items"][ago].GetProperty("changes").EnumerateArray()
            .Select(c => $"{c.GetProperty("field").GetString()}: {c.GetProperty("before").GetString() ?? "−"} → {c.GetProperty("after").GetString() ?? "−"}").Order(StringComparer.Ordinal)];
    }
}
