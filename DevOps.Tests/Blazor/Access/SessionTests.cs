using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Access;

public sealed class SessionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly Uri Account = new("/account", UriKind.Relative);
    private static readonly Uri Sessions = new("/api/v1/me/sessions", UriKind.Relative);

    [Fact]
    public async Task Sign_in_is_listed_with_its_browser_and_marked_when_it_asks()
    {
        using var here = await SignInAsync("ada", "Firefox/140");
        using var there = await SignInAsync("ada", "Chrome/150");
        var items = await ListAsync(here);
        Assert.Equal(2, items.Count);
        var mine = Assert.Single(items, i => i.GetProperty("current").GetBoolean());
        Assert.Equal("Firefox/140", mine.GetProperty("userAgent").GetString());
        Assert.Equal("127.0.0.1", mine.GetProperty("address").GetString());
        using var program = api.WithToken(await api.IssueAsync("ada"));
        Assert.DoesNotContain(await ListAsync(program), i => i.GetProperty("current").GetBoolean());
    }

    [Fact]
    public async Task Ended_session_is_refused_at_once_and_the_others_stay()
    {
        using var here = await SignInAsync("ben");
        using var there = await SignInAsync("ben");
        using var program = api.WithToken(await api.IssueAsync("ben"));
        var id = (await ListAsync(there)).Single(i => i.GetProperty("current").GetBoolean()).GetProperty("id").GetString();
        using var ended = await program.DeleteAsync(new Uri($"{Sessions}/{id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        using var out1 = await there.GetAsync(Account);
        Assert.Equal(HttpStatusCode.Redirect, out1.StatusCode);
        using var still = await here.GetAsync(Account);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        using var again = await program.DeleteAsync(new Uri($"{Sessions}/{id}", UriKind.Relative));
        await AssertProblemAsync(again, HttpStatusCode.NotFound);
        await AssertLineAsync("ben", "session.end");
    }

    [Fact]
    public async Task All_others_are_ended_in_one_go()
    {
        using var one = await SignInAsync("cleo");
        using var two = await SignInAsync("cleo");
        using var program = api.WithToken(await api.IssueAsync("cleo"));
        using var ended = await program.DeleteAsync(Sessions);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        foreach (var browser in new[] { one, two })
        {
            using var answer = await browser.GetAsync(Account);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }

        Assert.Empty(await ListAsync(program));
        await AssertLineAsync("cleo", "session.endOthers");
    }

    [Fact]
    public async Task Session_of_another_person_is_not_there()
    {
        using var theirs = await SignInAsync("dora");
        var id = (await ListAsync(theirs)).Single().GetProperty("id").GetString();
        using var admin = await api.AsAsync(Role.Admin);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var answer = await admin.SendAsync(new HttpRequestMessage(method, $"{Sessions}/{id}"));
            await AssertProblemAsync(answer, HttpStatusCode.NotFound);
        }

        using var still = await theirs.GetAsync(Account);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Fact]
    public async Task Every_sign_in_is_a_new_session_and_replaces_the_one_of_the_same_browser()
    {
        using var browser = await SignInAsync("eli");
        var before = (await ListAsync(browser)).Single().GetProperty("id").GetString();
        var cookie = await CookieAsync("eli");
        using var again = await browser.PostFormAsync("/account", "password", ("Secret.Old", ApiFixture.Password), ("Secret.New", "another fine one"), ("Secret.Repeat", "another fine one"));
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
        var after = (await ListAsync(browser)).Single().GetProperty("id").GetString();
        Assert.NotEqual(before, after);
        using var planted = api.Anonymous();
        planted.DefaultRequestHeaders.Add("Cookie", cookie);
        using var answer = await planted.GetAsync(Account);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task Cookie_planted_before_the_sign_in_is_not_taken_over()
    {
        var planted = await CookieAsync("fox");
        await api.TokenAsync("gil", Role.Viewer);
        using var victim = api.Anonymous();
        victim.DefaultRequestHeaders.Add("Cookie", planted);
        var page = await victim.GetAsync(new Uri("/login", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        using var browser = await SignInAsync("gil");
        var own = (await ListAsync(browser)).Single();
        await using var db = await api.Contexts.CreateDbContextAsync();
        var row = await db.BrowserSessions.SingleAsync(s => s.Id == own.GetProperty("id").GetGuid());
        Assert.Equal(await db.Users.Where(a => a.UserName == "gil").Select(a => a.Id).SingleAsync(), row.AccountId);
        Assert.DoesNotContain(planted, string.Join(';', await CookieAsync("gil")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_out_ends_the_session_for_a_copied_cookie_too()
    {
        await api.TokenAsync("hans", Role.Viewer);
        using var browser = api.Browser();
        using var signedIn = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", "hans"), ("Form.Password", ApiFixture.Password));
        var cookie = Cookie(signedIn);
        var page = await browser.GetStringAsync(Account);
        using var signedOut = await browser.PostPageAsync("/logout", page, "");
        using var thief = api.Anonymous();
        thief.DefaultRequestHeaders.Add("Cookie", cookie);
        using var answer = await thief.GetAsync(Account);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        await AssertLineAsync("hans", "session.end");
    }

    [Fact]
    public async Task Disabled_account_and_lost_role_count_for_the_next_request_of_the_cookie()
    {
        using var browser = await SignInAsync("ines", role: Role.Admin);
        using var users = await browser.GetAsync(new Uri("/api/v1/users", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, users.StatusCode);
        using var admin = await api.AsAsync(Role.Admin);
        using var demoted = await UserEndpointTests.PutAsync(admin, "ines", new { role = "viewer" });
        using var refused = await browser.GetAsync(new Uri("/api/v1/users", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var disabled = await UserEndpointTests.PutAsync(admin, "ines", new { role = "viewer", disabled = true });
        using var out1 = await browser.GetAsync(Account);
        Assert.Equal(HttpStatusCode.Redirect, out1.StatusCode);
    }

    private async Task<HttpClient> SignInAsync(string user, string agent = "test", Role role = Role.Viewer)
    {
        await api.TokenAsync(user, role);
        var browser = api.Browser();
        browser.DefaultRequestHeaders.UserAgent.ParseAdd(agent);
        using var answer = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", user), ("Form.Password", ApiFixture.Password));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return browser;
    }

    private async Task<string> CookieAsync(string user)
    {
        await api.TokenAsync(user, Role.Viewer);
        using var browser = api.Browser();
        using var answer = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", user), ("Form.Password", ApiFixture.Password));
        return Cookie(answer);
    }

    private static string Cookie(HttpResponseMessage answer) =>
        Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("devops.session=", StringComparison.Ordinal)).Split(';')[0];

    private static async Task<List<JsonElement>> ListAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(Sessions)).GetProperty("items").EnumerateArray()];

    private async Task AssertLineAsync(string user, string action)
    {
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == action && a.Actor == user && a.Ip == "127.0.0.1"));
    }
}
