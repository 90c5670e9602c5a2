using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Access;

/// <summary>Links with which people choose their password.</summary>
public sealed class InvitationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Chosen = "my own fine words";
    private static readonly Uri Users = new("/api/v1/users", UriKind.Relative);

    [Fact]
    public async Task User_made_without_a_password_chooses_it_by_the_link_once()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var made = await admin.PostAsJsonAsync(Users, new { username = "ines", role = "deployer" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var url = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("invitationUrl").GetString()!;
        Assert.StartsWith(api.Address + "/invitation/", url, StringComparison.Ordinal);
        Assert.False((await admin.GetFromJsonAsync<JsonElement>("/api/v1/users/ines")).TryGetProperty("invitationUrl", out _));

        var path = new Uri(url).AbsolutePath;
        using var browser = api.Browser();
        Assert.Contains("ines", await browser.GetStringAsync(new Uri(path, UriKind.Relative)), StringComparison.Ordinal);
        using var chosen = await ChooseAsync(browser, path, Chosen);
        Assert.Equal(HttpStatusCode.Redirect, chosen.StatusCode);
        Assert.EndsWith("/login?done=password", chosen.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync("ines", Chosen));

        using var again = await browser.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
        Assert.Contains("does not work any more", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Newer_link_voids_the_older_and_the_old_password_stays_until_it_is_used()
    {
        await api.MakeUserAsync("jon", Role.Viewer);
        var first = await LinkAsync("jon");
        var second = await LinkAsync("jon");
        using var browser = api.Browser();
        using var old = await browser.GetAsync(new Uri(first, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Gone, old.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync("jon", ApiFixture.Password));

        using var session = api.WithToken(await api.IssueAsync("jon"));
        using var chosen = await ChooseAsync(browser, second, Chosen);
        Assert.Equal(HttpStatusCode.Redirect, chosen.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync("jon", ApiFixture.Password));
        using var ended = await session.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
    }

    [Fact]
    public async Task Two_who_hold_the_link_choose_one_password()
    {
        await api.MakeUserAsync("kim", Role.Viewer);
        var path = await LinkAsync("kim");
        using var browser = api.Browser();
        var page = await browser.GetStringAsync(new Uri(path, UriKind.Relative));
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i =>
            browser.PostPageAsync(path, page, "choose", ("Form.Password", $"my own fine words {i}"), ("Form.Repeat", $"my own fine words {i}"))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Redirect);
        Assert.Equal(4, answers.Count(a => a.StatusCode == HttpStatusCode.Gone));
    }

    [Fact]
    public async Task Form_that_was_open_when_the_link_was_used_up_says_that_it_is_over()
    {
        await api.MakeUserAsync("kit", Role.Viewer);
        var path = await LinkAsync("kit");
        using var browser = api.Browser();
        var page = await browser.GetStringAsync(new Uri(path, UriKind.Relative));
        using var chosen = await ChooseAsync(browser, path, Chosen);

        using var late = await browser.PostPageAsync(path, page, "choose", ("Form.Password", "my own fine words"), ("Form.Repeat", "my own fine words"));

        Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.Gone), (chosen.StatusCode, late.StatusCode));
        Assert.Contains("link", await late.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, await SignInAsync("kit", Chosen));
    }

    [Fact]
    public async Task Refused_password_keeps_the_link()
    {
        await api.MakeUserAsync("lou", Role.Viewer);
        var path = await LinkAsync("lou");
        using var browser = api.Browser();
        using var common = await ChooseAsync(browser, path, "password123");
        Assert.Equal(HttpStatusCode.BadRequest, common.StatusCode);
        Assert.Contains("first that are tried", await common.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var differs = await browser.PostFormAsync(path, "choose", ("Form.Password", Chosen), ("Form.Repeat", "other words here"));
        Assert.Equal(HttpStatusCode.BadRequest, differs.StatusCode);
        using var chosen = await ChooseAsync(browser, path, Chosen);
        Assert.Equal(HttpStatusCode.Redirect, chosen.StatusCode);
    }

    [Fact]
    public async Task Link_is_stored_as_a_hash_ends_after_three_days_and_with_the_account()
    {
        await api.MakeUserAsync("max", Role.Viewer);
        var path = await LinkAsync("max");
        await using var db = await api.Contexts.CreateDbContextAsync();
        var account = await db.Users.SingleAsync(a => a.UserName == "max");
        Assert.DoesNotContain(account.LinkHash!, path, StringComparison.Ordinal);
        Assert.InRange(account.LinkUntil!.Value - DateTimeOffset.UtcNow, TimeSpan.FromHours(71), TimeSpan.FromHours(72));
        using var browser = api.Browser();

        account.LinkUntil = DateTimeOffset.UtcNow.AddSeconds(-1);
        await db.SaveChangesAsync();
        using var late = await browser.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);

        using var admin = await api.AsAsync(Role.Admin);
        path = await LinkAsync("max");
        using var disabled = await UserEndpointTests.PutAsync(admin, "max", new { role = "viewer", disabled = true });
        using var enabled = await UserEndpointTests.PutAsync(admin, "max", new { role = "viewer" });
        using var gone = await browser.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.DoesNotContain(await db.AuditEntries.Select(a => a.Summary).ToListAsync(), s => s.Contains(path[12..], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Role.None)]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Maintainer)]
    public async Task Links_are_made_by_administrators_alone(Role role)
    {
        await api.TokenAsync(Role.Admin);
        using var client = await api.AsAsync(role);
        using var answer = await client.PostAsync(new Uri("/api/v1/users/admin/invitation", UriKind.Relative), null);
        await AssertProblemAsync(answer, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Link_for_nobody_or_a_disabled_account_is_refused()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var nobody = await admin.PostAsync(new Uri("/api/v1/users/nobody/invitation", UriKind.Relative), null);
        await AssertProblemAsync(nobody, HttpStatusCode.NotFound);
        await api.MakeUserAsync("nia", Role.Viewer);
        using var disabled = await UserEndpointTests.PutAsync(admin, "nia", new { role = "viewer", disabled = true });
        using var refused = await admin.PostAsync(new Uri("/api/v1/users/nia/invitation", UriKind.Relative), null);
        var problem = await AssertProblemAsync(refused, HttpStatusCode.Conflict);
        Assert.Equal("disabled", problem.GetProperty("reason").GetString());
    }

    private async Task<string> LinkAsync(string user)
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var made = await admin.PostAsync(new Uri($"/api/v1/users/{user}/invitation", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return new Uri((await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("invitationUrl").GetString()!).AbsolutePath;
    }

    private static Task<HttpResponseMessage> ChooseAsync(HttpClient browser, string path, string password) =>
        browser.PostFormAsync(path, "choose", ("Form.Password", password), ("Form.Repeat", password));

    private async Task<HttpStatusCode> SignInAsync(string username, string password)
    {
        using var answer = await api.Anonymous().PostAsJsonAsync("/api/v1/auth/token", new { username, password });
        return answer.StatusCode;
    }
}
