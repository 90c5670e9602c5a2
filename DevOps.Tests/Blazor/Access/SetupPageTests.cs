using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Access;

/// <summary>Each test has an application of its own: the link works once in its life.</summary>
public sealed class SetupPageTests : IAsyncLifetime
{
    private readonly ApiFixture _api = new();

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)_api).DisposeAsync();

    [Fact]
    public async Task Link_makes_the_first_administrator_once()
    {
        var token = await NewTokenAsync();
        using var browser = _api.Browser();
        using var made = await FillInAsync(browser, token);
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
        using var me = await browser.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Contains("\"admin\"", await me.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var other = _api.Browser();
        foreach (var path in new[] { $"/setup?token={token}", "/setup" })
        {
            using var after = await other.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
        }

        Assert.Null(await _api.Services.GetRequiredService<SetupLink>().RenewAsync(CancellationToken.None));
        await using var db = await _api.Contexts.CreateDbContextAsync();
        var line = await db.AuditEntries.SingleAsync(a => a.Action == "user.create");
        Assert.Equal("user/first", line.Subject);
        Assert.False(await db.Settings.AnyAsync(s => s.Key == "access.setup"));
    }

    [Fact]
    public async Task Wrong_link_shows_nothing()
    {
        await NewTokenAsync();
        using var browser = _api.Browser();
        foreach (var path in new[] { "/setup", "/setup?token=", "/setup?token=0000", "/setup?token=" + new string('0', 64) })
        {
            using var answer = await browser.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Link_is_stored_as_a_hash_and_void_after_the_next_start()
    {
        var first = await NewTokenAsync();
        var second = await NewTokenAsync();
        await using var db = await _api.Contexts.CreateDbContextAsync();
        var stored = (await db.Settings.SingleAsync(s => s.Key == "access.setup")).Value;
        Assert.DoesNotContain(second, stored, StringComparison.Ordinal);
        using var browser = _api.Browser();
        using var old = await browser.GetAsync(new Uri($"/setup?token={first}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, old.StatusCode);
    }

    [Fact]
    public async Task Faults_keep_what_was_typed_and_the_link()
    {
        var token = await NewTokenAsync();
        using var browser = _api.Browser();
        using var refused = await FillInAsync(browser, token, user: "First One", repeat: ApiFixture.Password);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("First One", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var differs = await FillInAsync(browser, token, repeat: "something else");
        Assert.Equal(HttpStatusCode.BadRequest, differs.StatusCode);
        using var made = await FillInAsync(browser, token);
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
    }

    [Fact]
    public async Task Two_who_hold_the_link_make_one_account()
    {
        var token = await NewTokenAsync();
        var verb = _api.Services.GetRequiredService<CreateFirstAdministrator>();
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => TryAsync(verb, token, $"admin{i}")));
        Assert.Single(results, made => made);
        await using var db = await _api.Contexts.CreateDbContextAsync();
        Assert.Equal(1, await db.Users.CountAsync());
    }

    [Fact]
    public async Task Environment_makes_the_administrator_only_in_an_empty_house()
    {
        var verb = _api.Services.GetRequiredService<CreateFirstAdministrator>();
        Assert.True(await verb.FromEnvironmentAsync("root", ApiFixture.Password, CancellationToken.None));
        Assert.False(await verb.FromEnvironmentAsync("other", ApiFixture.Password, CancellationToken.None));
        await using var db = await _api.Contexts.CreateDbContextAsync();
        Assert.Equal(Role.Admin, (await db.Users.SingleAsync()).Role);
    }

    [Fact]
    public async Task Sign_in_page_says_that_nobody_can_sign_in_yet()
    {
        using var browser = _api.Browser();
        Assert.Contains("one-time link", await browser.GetStringAsync(new Uri("/login", UriKind.Relative)), StringComparison.Ordinal);
    }

    private async Task<string> NewTokenAsync() => (await _api.Services.GetRequiredService<SetupLink>().RenewAsync(CancellationToken.None))!;

    private static Task<HttpResponseMessage> FillInAsync(HttpClient browser, string token, string user = "first", string repeat = ApiFixture.Password) =>
        browser.PostFormAsync($"/setup?token={token}", "setup", ("Form.Username", user), ("Form.DisplayName", ""), ("Form.Password", ApiFixture.Password), ("Form.Repeat", repeat));

    private static async Task<bool> TryAsync(CreateFirstAdministrator verb, string token, string user)
    {
        try
        {
            await verb.ByLinkAsync(token, new UserDraft { Username = user, Password = ApiFixture.Password }, null, CancellationToken.None);
            return true;
        }
        catch (NotFound)
        {
            return false;
        }
    }
}
