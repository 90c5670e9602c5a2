using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Access;

public sealed class PersonalTokenTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly Uri Tokens = new("/api/v1/me/tokens", UriKind.Relative);
    private static readonly Uri Me = new("/api/v1/me", UriKind.Relative);

    [Fact]
    public async Task Token_is_shown_once_stored_hashed_and_revoked_at_once()
    {
        using var owner = await OwnerAsync("ann", Role.Viewer);
        using var made = await owner.PostAsJsonAsync(Tokens, new { name = "CI of the shop", scope = "read" });
        var body = await made.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var text = body.GetProperty("token").GetString()!;
        Assert.StartsWith("dvt_", text, StringComparison.Ordinal);

        using var program = api.WithToken(text);
        Assert.Equal("ann", (await program.GetFromJsonAsync<JsonElement>(Me)).GetProperty("username").GetString());
        var read = await owner.GetStringAsync(made.Headers.Location);
        Assert.DoesNotContain(text, read, StringComparison.Ordinal);
        Assert.Contains(text[..8], read, StringComparison.Ordinal);
        Assert.DoesNotContain(text, await owner.GetStringAsync(Tokens), StringComparison.Ordinal);

        using var revoked = await owner.DeleteAsync(made.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var after = await program.GetAsync(Me);
        await AssertProblemAsync(after, HttpStatusCode.Unauthorized);
        using var again = await owner.DeleteAsync(made.Headers.Location);
        await AssertProblemAsync(again, HttpStatusCode.NotFound);
        await AssertLinesAsync("ann", text);
    }

    [Fact]
    public async Task Stored_row_holds_nothing_that_lets_in()
    {
        using var owner = await OwnerAsync("bo", Role.Viewer);
        var text = await MakeAsync(owner, "read");
        await using var db = await api.Contexts.CreateDbContextAsync();
        var row = await db.PersonalTokens.SingleAsync(t => db.Users.Any(a => a.Id == t.AccountId && a.UserName == "bo"));
        foreach (var stolen in new[] { Convert.ToHexStringLower(row.Hash), "dvt_" + Convert.ToHexStringLower(row.Hash), row.Hint, text[..^1], text + "0" })
        {
            using var thief = api.WithToken(stolen);
            using var answer = await thief.GetAsync(Me);
            await AssertProblemAsync(answer, HttpStatusCode.Unauthorized);
        }
    }

    [Theory]
    [InlineData("read", false, false)]
    [InlineData("deploy", true, false)]
    [InlineData("admin", true, true)]
    public async Task Scope_caps_what_an_administrator_may(string scope, bool deploys, bool rules)
    {
        using var owner = await OwnerAsync($"chief-{scope}", Role.Admin);
        using var program = api.WithToken(await MakeAsync(owner, scope));
        using var list = await program.GetAsync(new Uri("/api/v1/projects", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        var deployment = await LogRows.DeploymentAsync(api.Postgres.DataSource);
        using var cancel = await program.PostAsync(new Uri($"/api/v1/deployments/{deployment}/cancel", UriKind.Relative), null);
        Assert.Equal(deploys ? HttpStatusCode.Accepted : HttpStatusCode.Forbidden, cancel.StatusCode);
        using var all = await program.GetAsync(new Uri("/api/v1/users", UriKind.Relative));
        Assert.Equal(rules ? HttpStatusCode.OK : HttpStatusCode.Forbidden, all.StatusCode);
        var permissions = (await program.GetFromJsonAsync<JsonElement>(Me)).GetProperty("permissions").EnumerateArray().Select(p => p.GetString());
        Assert.Equal(rules, permissions.Contains("userEdit"));
        Assert.Equal(deploys, permissions.Contains("deploy"));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("deploy")]
    public async Task Narrow_token_manages_neither_tokens_nor_sessions(string scope)
    {
        using var owner = await OwnerAsync($"narrow-{scope}", Role.Admin);
        using var made = await owner.PostAsJsonAsync(Tokens, new { name = "narrow", scope });
        using var program = api.WithToken((await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!);
        using var wider = await program.PostAsJsonAsync(Tokens, new { name = "wider", scope = "admin" });
        await AssertProblemAsync(wider, HttpStatusCode.Forbidden);
        using var same = await program.PostAsJsonAsync(Tokens, new { name = "same", scope });
        await AssertProblemAsync(same, HttpStatusCode.Forbidden);
        using var revoke = await program.DeleteAsync(made.Headers.Location);
        await AssertProblemAsync(revoke, HttpStatusCode.Forbidden);
        using var end = await program.DeleteAsync(new Uri("/api/v1/me/sessions", UriKind.Relative));
        await AssertProblemAsync(end, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Token_that_makes_another_does_not_live_on_in_it()
    {
        using var owner = await OwnerAsync("dag", Role.Viewer);
        var end = DateTimeOffset.UtcNow.AddHours(1);
        using var program = api.WithToken(await MakeAsync(owner, "admin", end));
        using var longer = await program.PostAsJsonAsync(Tokens, new { name = "longer", scope = "read", expiresAt = end.AddHours(1) });
        var problem = await AssertProblemAsync(longer, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty("expiresAt", out _));
        using var open = await program.PostAsJsonAsync(Tokens, new { name = "open", scope = "read" });
        var ends = (await open.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("expiresAt").GetDateTimeOffset();
        Assert.True(ends <= end, ends.ToString());
    }

    [Theory]
    [InlineData("""{"scope":"read"}""", "name")]
    [InlineData("""{"name":"  ","scope":"read"}""", "name")]
    [InlineData("""{"name":"a\nb","scope":"read"}""", "name")]
    [InlineData("""{"name":"ci"}""", "scope")]
    [InlineData("""{"name":"ci","scope":"root"}""", "scope")]
    [InlineData("""{"name":"ci","scope":"read","expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"ci","scope":"read","expiresAt":"2999-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"ci","scope":"read","hash":"x"}""", "hash")]
    public async Task Faulty_wish_is_refused_by_field(string body, string field)
    {
        using var owner = await OwnerAsync("ede", Role.Viewer);
        using var answer = await owner.PostAsync(Tokens, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task Overlong_name_is_refused()
    {
        using var owner = await OwnerAsync("fay", Role.Viewer);
        using var answer = await owner.PostAsJsonAsync(Tokens, new { name = new string('n', 61), scope = "read" });
        await AssertProblemAsync(answer, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Tokens_of_others_are_not_there()
    {
        using var owner = await OwnerAsync("gus", Role.Viewer);
        using var made = await owner.PostAsJsonAsync(Tokens, new { name = "mine", scope = "read" });
        using var admin = await api.AsAsync(Role.Admin);
        using var read = await admin.GetAsync(made.Headers.Location);
        await AssertProblemAsync(read, HttpStatusCode.NotFound);
        using var revoke = await admin.DeleteAsync(made.Headers.Location);
        await AssertProblemAsync(revoke, HttpStatusCode.NotFound);
        var list = await admin.GetStringAsync(Tokens);
        Assert.DoesNotContain("mine", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disabled_owner_stops_the_token_at_once_and_until_enabled()
    {
        using var owner = await OwnerAsync("hal", Role.Viewer);
        using var program = api.WithToken(await MakeAsync(owner, "read"));
        using var admin = await api.AsAsync(Role.Admin);
        using var disabled = await UserEndpointTests.PutAsync(admin, "hal", new { role = "viewer", disabled = true });
        using var refused = await program.GetAsync(Me);
        await AssertProblemAsync(refused, HttpStatusCode.Unauthorized);
        using var enabled = await UserEndpointTests.PutAsync(admin, "hal", new { role = "viewer", disabled = false });
        using var back = await program.GetAsync(Me);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        using var deleted = await admin.DeleteAsync(new Uri("/api/v1/users/hal", UriKind.Relative));
        using var gone = await program.GetAsync(Me);
        await AssertProblemAsync(gone, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Last_use_is_noted_with_its_address()
    {
        using var owner = await OwnerAsync("ida", Role.Viewer);
        using var program = api.WithToken(await MakeAsync(owner, "read"));
        using var use = await program.GetAsync(Me);
        await api.Services.GetRequiredService<LastUses>().WriteAsync(CancellationToken.None);
        var token = (await owner.GetFromJsonAsync<JsonElement>(Tokens)).GetProperty("items")[0];
        Assert.Equal("127.0.0.1", token.GetProperty("lastUsedAddress").GetString());
        Assert.NotEqual(JsonValueKind.Null, token.GetProperty("lastUsedAt").ValueKind);
    }

    [Fact]
    public async Task Page_takes_no_token_and_no_token_makes_a_cookie()
    {
        using var owner = await OwnerAsync("jo", Role.Viewer);
        using var program = api.WithToken(await MakeAsync(owner, "admin"));
        using var page = await program.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        using var answer = await program.GetAsync(Me);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task One_more_than_allowed_is_a_conflict()
    {
        using var owner = await OwnerAsync("kim", Role.Viewer);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 51; i++)
        {
            using var made = await owner.PostAsJsonAsync(Tokens, new { name = $"t{i}", scope = "read" });
            answers.Add(made.StatusCode);
        }

        Assert.All(answers[..50], s => Assert.Equal(HttpStatusCode.Created, s));
        Assert.Equal(HttpStatusCode.Conflict, answers[50]);
    }

    private async Task<HttpClient> OwnerAsync(string name, Role role) => api.WithToken(await api.TokenAsync(name, role));

    private static async Task<string> MakeAsync(HttpClient owner, string scope, DateTimeOffset? expiresAt = null)
    {
        using var made = await owner.PostAsJsonAsync(Tokens, new { name = "test", scope, expiresAt });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    private async Task AssertLinesAsync(string user, string text)
    {
        await using var db = await api.Contexts.CreateDbContextAsync();
        var lines = await db.AuditEntries.Where(a => a.Actor == user).OrderBy(a => a.Id).ToListAsync();
        Assert.Equal(["token.create", "token.revoke"], lines.Select(l => l.Action));
        Assert.DoesNotContain(lines, l => l.Summary.Contains(text[..12], StringComparison.Ordinal));
    }
}
