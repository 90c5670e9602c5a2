using System.Net;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Audit;

public sealed class AuditEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Change_over_the_api_is_an_entry_with_who_what_where_and_the_fields()
    {
        const string Project = """{"key": "audited", "repository": {"url": "https://git.example/a.git"}, "build": {"image": "node:22"}, "deploy": {"path": "/srv/audited"}}""";
        await api.SendAsync(HttpMethod.Post, "/projects", Project, HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Put, "/projects/audited", Project.Replace("node:22", "node:24", StringComparison.Ordinal), HttpStatusCode.OK);

        var list = await api.SendAsync(HttpMethod.Get, "/audit?subject=project/audited&action=project.change", null, HttpStatusCode.OK);

        var entry = Assert.Single(list["items"].EnumerateArray());
        Assert.Equal("admin", entry.GetProperty("actor").GetString());
        Assert.Equal("project/audited", entry.GetProperty("subject").GetString());
        Assert.Equal("127.0.0.1", entry.GetProperty("ip").GetString());
        Assert.EndsWith("Z", entry.GetProperty("at").GetString(), StringComparison.Ordinal);
        var change = entry.GetProperty("changes").EnumerateArray().Single(c => string.Equals(c.GetProperty("field").GetString(), "build.image", StringComparison.Ordinal));
        Assert.Equal(("node:22", "node:24"), (change.GetProperty("before").GetString(), change.GetProperty("after").GetString()));
        Assert.Equal(1, list["total"].GetInt32());
    }

    [Fact]
    public async Task Refused_call_is_an_entry()
    {
        await api.SendAsync(HttpMethod.Delete, "/users/nobody", null, HttpStatusCode.Forbidden, Role.Deployer);

        var list = await api.SendAsync(HttpMethod.Get, "/audit?actor=deployer&action=access", null, HttpStatusCode.OK);

        var entry = list["items"].EnumerateArray().First(e => string.Equals(e.GetProperty("subject").GetString(), "DELETE /api/v1/users/nobody", StringComparison.Ordinal));
        Assert.Equal("access.refuse", entry.GetProperty("action").GetString());
        Assert.Contains("UserEdit", entry.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_sign_in_is_an_entry()
    {
        await api.TokenAsync(Role.Viewer);
        using var stranger = api.Anonymous();
        using var content = new StringContent("""{"username": "viewer", "password": "wrong"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await stranger.PostAsync(new Uri("/api/v1/auth/token", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);

        var list = await api.SendAsync(HttpMethod.Get, "/audit?action=session.refuse&subject=user/viewer", null, HttpStatusCode.OK);

        Assert.Equal("anonymous", list["items"][0].GetProperty("actor").GetString());
    }

    [Theory]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=2026-01-31T12:00:00", "to")]
    [InlineData("format=xml", "format")]
    [InlineData("pageSize=201", "pageSize")]
    public async Task Bad_filter_names_the_parameter(string query, string field) =>
        Assert.Equal([field], (await api.SendAsync(HttpMethod.Get, "/audit?" + query, null, HttpStatusCode.BadRequest)).Faults);

    [Fact]
    public async Task Days_and_times_narrow_the_list()
    {
        await InsertAsync("narrow", "'2020-05-04T23:59:59Z'", 1);
        await InsertAsync("narrow", "'2020-05-05T12:00:00Z'", 1);
        await InsertAsync("narrow", "'2020-05-06T00:00:00Z'", 1);

        Assert.Equal(1, await CountAsync("actor=narrow&from=2020-05-05&to=2020-05-05"));
        Assert.Equal(2, await CountAsync("actor=narrow&to=2020-05-05"));
        Assert.Equal(2, await CountAsync("actor=narrow&from=2020-05-05T12:00:00Z"));
        Assert.Equal(2, await CountAsync("actor=narrow&from=" + Uri.EscapeDataString("2020-05-05T14:00:00+02:00")));
        Assert.Equal(1, await CountAsync("actor=narrow&from=2020-05-05T12:00:01Z"));
    }

    [Fact]
    public async Task Pages_follow_one_another_without_loss_or_repeat()
    {
        await InsertAsync("pager", "now() - n * interval '1 second'", 25);
        var seen = new List<string>();
        for (var page = 1; page <= 3; page++)
        {
            var list = await api.SendAsync(HttpMethod.Get, $"/audit?actor=pager&pageSize=10&page={page}", null, HttpStatusCode.OK);
            Assert.Equal(25, list["total"].GetInt32());
            seen.AddRange(list["items"].EnumerateArray().Select(e => e.GetProperty("summary").GetString()!));
        }

        Assert.Equal(Enumerable.Range(1, 25).Select(n => $"entry {n}"), seen);
    }

    [Fact]
    public async Task Table_for_spreadsheets_holds_all_of_it_and_no_formula()
    {
        await InsertAsync("sheet", "now() - n * interval '1 second'", 2500);
        await InsertAsync("sheet", "now()", 1, "=HYPERLINK(\"http://evil\")");
        await InsertAsync("sheet", "now()", 1, "two, words");
        using var admin = await api.AsAsync(Role.Admin);
        using var byHeader = new HttpRequestMessage(HttpMethod.Get, "/api/v1/audit?actor=sheet");
        byHeader.Headers.Accept.ParseAdd("text/csv");
        using var answer = await admin.SendAsync(byHeader);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("audit.csv", answer.Content.Headers.ContentDisposition?.FileName);
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("at,actor,action,subject,summary,ip,changes", lines[0]);
        Assert.Equal(2503, lines.Length);
        Assert.Contains(lines, l => l.Contains("\"'=HYPERLINK(\"\"http://evil\"\")\"", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("\"two, words\"", StringComparison.Ordinal));
        Assert.Equal(text, await admin.GetStringAsync(new Uri("/api/v1/audit?actor=sheet&format=csv", UriKind.Relative)));
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    public async Task Cell_that_a_spreadsheet_would_run_is_marked_as_text(string summary)
    {
        var actor = "cell" + Guid.NewGuid().ToString("N")[..8];
        await InsertAsync(actor, "now()", 1, summary);
        using var admin = await api.AsAsync(Role.Admin);

        var text = await admin.GetStringAsync(new Uri($"/api/v1/audit?actor={actor}&format=csv", UriKind.Relative));

        Assert.Contains($",'{summary},", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_is_refused_to_who_may_not_read_the_log() =>
        await api.SendAsync(HttpMethod.Get, "/audit?format=csv", null, HttpStatusCode.Forbidden, Role.Maintainer);

    private async Task<int> CountAsync(string query) => (await api.SendAsync(HttpMethod.Get, "/audit?" + query, null, HttpStatusCode.OK))["total"].GetInt32();

    private async Task InsertAsync(string actor, string at, int count, string? summary = null)
    {
        await using var insert = api.Postgres.DataSource.CreateCommand(
            "INSERT INTO audit_entries (at, actor, action, subject, summary) SELECT " + at + ", $1, 'test.insert', 'test', coalesce($3, 'entry ' || n) FROM generate_series(1, $2) n");
        insert.Parameters.AddWithValue(actor);
        insert.Parameters.AddWithValue(count);
        insert.Parameters.AddWithValue(NpgsqlTypes.NpgsqlDbType.Text, (object?)summary ?? DBNull.Value);
        await insert.ExecuteNonQueryAsync();
    }
}
