using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Access;

public sealed class TwoFactorTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly Uri Tokens = new("/api/v1/auth/token", UriKind.Relative);
    private static readonly Uri Account = new("/account", UriKind.Relative);

    [Fact]
    public async Task Token_asks_for_a_code_only_after_the_right_password()
    {
        await api.MakeUserAsync("ada", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "ada");
        using var client = api.Anonymous();
        using var wrong = await client.PostAsJsonAsync(Tokens, new { username = "ada", password = "wrong password", code = app.Code });
        Assert.False((await AssertProblemAsync(wrong, HttpStatusCode.Unauthorized)).TryGetProperty("reason", out _));
        using var without = await AskAsync("ada", null);
        Assert.Equal("codeRequired", (await AssertProblemAsync(without, HttpStatusCode.Unauthorized)).GetProperty("reason").GetString());
        using var with = await AskAsync("ada", app.Code);
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
    }

    [Fact]
    public async Task Code_is_accepted_once_however_many_try_at_once()
    {
        await api.MakeUserAsync("ben", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "ben");
        var code = app.Code;
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync("ben", code)));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        using var again = await AskAsync("ben", code);
        Assert.Equal("codeWrong", (await AssertProblemAsync(again, HttpStatusCode.Unauthorized)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Code_that_confirmed_the_setup_signs_nobody_in()
    {
        await api.MakeUserAsync("cho", Role.Viewer);
        using var browser = await SignInAsync("cho");
        var page = await browser.GetStringAsync(new Uri("/account/two-factor", UriKind.Relative));
        using var refused = await Authenticator.ConfirmAsync(browser, page, "000000");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.False((await db.Users.SingleAsync(a => a.UserName == "cho")).TwoFactorEnabled);

        await Authenticator.TurnOnAsync(api, "cho");
        var account = await db.Users.AsNoTracking().SingleAsync(a => a.UserName == "cho");
        Assert.True(account.TwoFactorEnabled);
    }

    [Fact]
    public async Task Page_asks_for_the_code_before_there_is_a_session()
    {
        await api.MakeUserAsync("dan", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "dan");
        using var browser = api.Browser();
        using var first = await browser.PostFormAsync("/login?returnUrl=%2Faccount", "sign-in", ("Form.Username", "dan"), ("Form.Password", ApiFixture.Password));
        Assert.EndsWith("/login/code?returnUrl=%2Faccount", first.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var between = await browser.GetAsync(Account);
        Assert.Equal(HttpStatusCode.Redirect, between.StatusCode);

        using var wrong = await browser.PostFormAsync("/login/code?returnUrl=%2Faccount", "code", ("Form.Code", "12345x"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var right = await browser.PostFormAsync("/login/code?returnUrl=%2Faccount", "code", ("Form.Code", app.Code));
        Assert.EndsWith("/account", right.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var after = await browser.GetAsync(Account);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task Second_step_without_the_first_asks_for_the_first()
    {
        using var browser = api.Browser();
        using var planted = api.Anonymous();
        planted.DefaultRequestHeaders.Add("Cookie", "devops.code=planted");
        foreach (var client in new[] { browser, planted })
        {
            var page = await client.GetStringAsync(new Uri("/login/code", UriKind.Relative));
            Assert.Contains("Sign in first", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Form.Code", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Recovery_code_works_once_and_is_stored_as_a_hash()
    {
        await api.MakeUserAsync("eva", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "eva");
        Assert.Equal(10, app.RecoveryCodes.Distinct(StringComparer.Ordinal).Count());
        await using var db = await api.Contexts.CreateDbContextAsync();
        var stored = (await db.Users.AsNoTracking().SingleAsync(a => a.UserName == "eva")).RecoveryCodes;
        Assert.DoesNotContain(stored, h => app.RecoveryCodes.Any(c => h.Contains(c, StringComparison.Ordinal)));

        using var first = await AskAsync("eva", app.RecoveryCodes[3].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await AskAsync("eva", app.RecoveryCodes[3]);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        Assert.Contains("9 recovery codes", await app.Browser.GetStringAsync(new Uri("/account/two-factor", UriKind.Relative)), StringComparison.Ordinal);
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Actor == "eva" && a.Summary == "Signed in with a recovery code."));
    }

    [Fact]
    public async Task Five_wrong_codes_lock_codes_though_the_password_is_right_each_time()
    {
        await api.MakeUserAsync("fay", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "fay");
        for (var i = 1; i <= 4; i++)
        {
            using var wrong = await AskAsync("fay", "00000x");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        foreach (var code in new[] { "00000x", app.Code, app.RecoveryCodes[0] })
        {
            using var locked = await AskAsync("fay", code);
            await AssertProblemAsync(locked, HttpStatusCode.TooManyRequests);
            Assert.True(locked.Headers.RetryAfter!.Delta > TimeSpan.FromSeconds(200));
        }

        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.Equal(5, await db.AuditEntries.CountAsync(a => a.Subject == "user/fay" && a.Summary.Contains("wrong code")));
        Assert.Equal(10, (await db.Users.SingleAsync(a => a.UserName == "fay")).RecoveryCodes.Count);
    }

    [Fact]
    public async Task Turning_it_off_needs_the_password_and_ends_other_sessions()
    {
        await api.MakeUserAsync("gil", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "gil");
        using var elsewhere = api.WithToken(await api.IssueAsync("gil"));
        using var wrong = await ManageAsync(app.Browser, "off", "not the password");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var off = await ManageAsync(app.Browser, "off", ApiFixture.Password);
        Assert.Equal(HttpStatusCode.Redirect, off.StatusCode);
        using var here = await app.Browser.GetAsync(Account);
        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        using var ended = await elsewhere.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
        using var plain = await AskAsync("gil", null);
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
    }

    [Fact]
    public async Task New_recovery_codes_void_the_old_ones()
    {
        await api.MakeUserAsync("hal", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "hal");
        using var renewed = await ManageAsync(app.Browser, "codes", ApiFixture.Password);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        Assert.DoesNotContain(app.RecoveryCodes[0], await renewed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var old = await AskAsync("hal", app.RecoveryCodes[0]);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
    }

    [Fact]
    public async Task Administrator_resets_it_and_leaves_a_line()
    {
        await api.MakeUserAsync("ivo", Role.Viewer);
        var app = await Authenticator.TurnOnAsync(api, "ivo");
        using var viewer = await api.AsAsync(Role.Viewer);
        using var refused = await viewer.DeleteAsync(new Uri("/api/v1/users/ivo/two-factor", UriKind.Relative));
        await AssertProblemAsync(refused, HttpStatusCode.Forbidden);
        using var admin = await api.AsAsync(Role.Admin);
        using var reset = await admin.DeleteAsync(new Uri("/api/v1/users/ivo/two-factor", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        using var ended = await app.Browser.GetAsync(Account);
        Assert.Equal(HttpStatusCode.Redirect, ended.StatusCode);
        using var plain = await AskAsync("ivo", null);
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "user.twoFactorReset" && a.Actor == "admin" && a.Subject == "user/ivo"));
    }

    [Fact]
    public async Task Secret_of_the_app_is_sealed_and_bound_to_the_account()
    {
        await api.MakeUserAsync("jan", Role.Viewer);
        await api.MakeUserAsync("kay", Role.Viewer);
        await Authenticator.TurnOnAsync(api, "jan");
        var app = await Authenticator.TurnOnAsync(api, "kay");
        await using var db = await api.Contexts.CreateDbContextAsync();
        var sealedKey = (await db.Users.SingleAsync(a => a.UserName == "kay")).AuthenticatorKey;
        await db.Users.Where(a => a.UserName == "jan").ExecuteUpdateAsync(set => set.SetProperty(a => a.AuthenticatorKey, sealedKey));
        using var moved = await AskAsync("jan", app.Code);
        Assert.Equal(HttpStatusCode.InternalServerError, moved.StatusCode);
    }

    internal static Task<HttpResponseMessage> ManageAsync(HttpClient browser, string action, string proof) =>
        browser.PostFormAsync("/account/two-factor", "manage", ("Manage.Proof", proof), ("Manage.Action", action));

    private async Task<HttpClient> SignInAsync(string user)
    {
        var browser = api.Browser();
        using var answer = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", user), ("Form.Password", ApiFixture.Password));
        return browser;
    }

    private Task<HttpResponseMessage> AskAsync(string username, string? code) => api.Anonymous().PostAsJsonAsync(Tokens, new { username, password = ApiFixture.Password, code });
}

/// <summary>An application that requires a second factor of some roles.</summary>
public sealed class TwoFactorDutyTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Who_owes_a_second_factor_is_led_to_it_and_can_do_nothing_else_until_then()
    {
        using var admin = await api.AsAsync(Role.Admin);
        await api.MakeUserAsync("mia", Role.Maintainer);
        await api.MakeUserAsync("vic", Role.Viewer);
        using var token = api.WithToken(await api.IssueAsync("mia"));
        using var browser = api.Browser();
        using var signedIn = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", "mia"), ("Form.Password", ApiFixture.Password));

        using var required = await admin.PutAsJsonAsync("/api/v1/settings/two-factor", new { requiredFrom = "maintainer" });
        Assert.Equal(HttpStatusCode.OK, required.StatusCode);
        foreach (var client in new[] { token, browser, admin })
        {
            using var refused = await client.GetAsync(new Uri("/api/v1/projects", UriKind.Relative));
            await AssertProblemAsync(refused, HttpStatusCode.Forbidden);
        }

        foreach (var page in new[] { "/", "/projects", "/account", "/deployments/1" })
        {
            using var led = await browser.GetAsync(new Uri(page, UriKind.Relative));
            Assert.Equal("/account/two-factor", led.Headers.Location?.ToString());
        }

        using var viewer = api.WithToken(await api.IssueAsync("vic"));
        using var free = await viewer.GetAsync(new Uri("/api/v1/projects", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);

        var app = await Authenticator.TurnOnAsync(api, "mia");
        using var open = await app.Browser.GetAsync(new Uri("/api/v1/projects", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);

        await Authenticator.TurnOnAsync(api, "admin");
        using var again = api.WithToken(await api.IssueAsync("admin"));
        using var nobody = await again.PutAsJsonAsync("/api/v1/settings/two-factor", new { requiredFrom = (string?)null });
        Assert.Equal(HttpStatusCode.OK, nobody.StatusCode);
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.Equal(2, await db.AuditEntries.CountAsync(a => a.Action == "settings.twoFactor" && a.Actor == "admin"));
    }

    [Theory]
    [InlineData(Role.Viewer, "GET")]
    [InlineData(Role.Maintainer, "GET")]
    [InlineData(Role.Maintainer, "PUT")]
    public async Task Setting_is_for_administrators(Role role, string method)
    {
        using var client = await api.AsAsync(role);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/settings/two-factor");
        request.Content = method is "PUT" ? JsonContent.Create(new { requiredFrom = "viewer" }) : null;
        using var answer = await client.SendAsync(request);
        await AssertProblemAsync(answer, HttpStatusCode.Forbidden);
    }
}
