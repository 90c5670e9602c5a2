using System.Net;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Blazor.Access;

public sealed class SignInPageTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Page_without_a_session_leads_to_the_sign_in()
    {
        using var browser = api.Browser();
        using var answer = await browser.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains("/login?returnUrl=%2Faccount", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_in_gives_a_guarded_cookie_and_leads_back()
    {
        var (browser, answer) = await SignInAsync("lin", "/login?returnUrl=%2Faccount");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith("/account", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        var cookie = SessionCookie(answer);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires=", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("lin", await browser.GetStringAsync(new Uri("/account", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/%5Cevil.example")]
    [InlineData("https:evil.example")]
    [InlineData("/%09/evil.example")]
    [InlineData("https%3A%2F%2Fevil.example")]
    public async Task Sign_in_never_leads_elsewhere(string url)
    {
        await api.TokenAsync("mei", Role.Viewer);
        using var browser = api.Browser();
        using var answer = await browser.PostFormAsync($"/login?returnUrl={url}", "sign-in", ("Form.Username", "mei"), ("Form.Password", ApiFixture.Password));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.True(new[] { "/", api.Address + "/" }.Contains(answer.Headers.Location!.ToString()), answer.Headers.Location.ToString());
    }

    [Fact]
    public async Task Unknown_name_and_wrong_password_read_the_same()
    {
        await api.TokenAsync("noor", Role.Viewer);
        using var browser = api.Browser();
        using var unknown = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", "noor2"), ("Form.Password", "wrong password"));
        using var wrong = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", "noor"), ("Form.Password", "wrong password"));
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Equal(unknown.StatusCode, wrong.StatusCode);
        Assert.Contains("is wrong", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("is wrong", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_is_never_written_back_into_the_page()
    {
        using var browser = api.Browser();
        using var answer = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", "<script>x"), ("Form.Password", "secret-in-form"));
        var page = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("secret-in-form", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>x", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_without_its_token_is_refused()
    {
        using var browser = api.Browser();
        using var answer = await browser.PostAsync(new Uri("/login", UriKind.Relative), new FormUrlEncodedContent([KeyValuePair.Create("_handler", "sign-in")]));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Sign_in_replaces_a_cookie_that_was_there_before()
    {
        var (browser, before) = await SignInAsync("ola");
        using var after = await browser.PostFormAsync("/account", "password", ("Secret.Old", ApiFixture.Password), ("Secret.New", "another fine one"), ("Secret.Repeat", "another fine one"));
        Assert.NotEqual(SessionCookie(before), SessionCookie(after));
    }

    [Fact]
    public async Task Planted_cookie_is_no_session()
    {
        using var client = api.Anonymous();
        client.DefaultRequestHeaders.Add("Cookie", "devops.session=planted-by-someone-else");
        using var answer = await client.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task Sign_out_ends_the_session_of_the_browser()
    {
        var (browser, _) = await SignInAsync("pia");
        var page = await browser.GetStringAsync(new Uri("/account", UriKind.Relative));
        using var forged = await browser.PostAsync(new Uri("/logout", UriKind.Relative), new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        using var signedOut = await browser.PostPageAsync("/logout", page, "");
        Assert.Equal(HttpStatusCode.Redirect, signedOut.StatusCode);
        using var after = await browser.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task Cookie_reads_the_api_and_changes_nothing()
    {
        var (browser, _) = await SignInAsync("qi", role: Role.Admin);
        using var read = await browser.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var head = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/v1/me"));
        Assert.NotEqual(HttpStatusCode.Unauthorized, head.StatusCode);
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, method == HttpMethod.Post ? "/api/v1/users" : "/api/v1/users/qi") { Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json") };
            using var change = await browser.SendAsync(request);
            await Api.ContractTests.AssertProblemAsync(change, HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task New_password_ends_other_sessions_and_keeps_this_one()
    {
        var (here, _) = await SignInAsync("rui");
        var (elsewhere, _) = await SignInAsync("rui");
        using var token = api.WithToken(await api.IssueAsync("rui"));
        using var wrong = await here.PostFormAsync("/account", "password", ("Secret.Old", "not my password"), ("Secret.New", "another fine one"), ("Secret.Repeat", "another fine one"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var done = await here.PostFormAsync("/account", "password", ("Secret.Old", ApiFixture.Password), ("Secret.New", "another fine one"), ("Secret.Repeat", "another fine one"));
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        using var still = await here.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        using var gone = await elsewhere.GetAsync(new Uri("/account", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, gone.StatusCode);
        using var ended = await token.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
    }

    [Fact]
    public async Task Sign_out_everywhere_ends_every_session_and_leaves_a_line()
    {
        var (here, _) = await SignInAsync("sam");
        var (elsewhere, _) = await SignInAsync("sam");
        using var done = await here.PostFormAsync("/account", "sessions");
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        foreach (var browser in new[] { here, elsewhere })
        {
            using var after = await browser.GetAsync(new Uri("/account", UriKind.Relative));
            Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
        }

        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "session.endAll" && a.Actor == "sam" && a.Ip == "127.0.0.1"));
    }

    [Fact]
    public async Task Profile_is_saved_and_its_faults_are_shown_beside_the_field()
    {
        var (browser, _) = await SignInAsync("tao");
        using var bad = await browser.PostFormAsync("/account", "profile", ("Profile.DisplayName", "Tao"), ("Profile.Email", "nothing"));
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Contains("no mail address", await bad.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var good = await browser.PostFormAsync("/account", "profile", ("Profile.DisplayName", "Tao Chen"), ("Profile.Email", "tao@example.org"));
        Assert.Equal(HttpStatusCode.Redirect, good.StatusCode);
        Assert.Contains("Tao Chen", await browser.GetStringAsync(new Uri("/account", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_speaks_chinese_when_asked()
    {
        using var browser = api.Anonymous();
        browser.DefaultRequestHeaders.Add("Accept-Language", "zh-CN,zh;q=0.9");
        Assert.Contains("登录", WebUtility.HtmlDecode(await browser.GetStringAsync(new Uri("/login", UriKind.Relative))), StringComparison.Ordinal);
    }

    private async Task<(HttpClient Browser, HttpResponseMessage Answer)> SignInAsync(string user, string path = "/login", Role role = Role.Viewer)
    {
        await api.TokenAsync(user, role);
        var browser = api.Browser();
        return (browser, await browser.PostFormAsync(path, "sign-in", ("Form.Username", user), ("Form.Password", ApiFixture.Password)));
    }

    private static string SessionCookie(HttpResponseMessage answer) =>
        Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("devops.session=", StringComparison.Ordinal));
}
