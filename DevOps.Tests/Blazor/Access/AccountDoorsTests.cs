using System.Net;
using DevOps.Core.Access;
using DevOps.Tests.Blazor.Logs;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Access;

/// <summary>The live sections of the account page: personal tokens and sessions.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AccountDoorsTests(BrowserFixture browser)
{
    [Fact]
    public async Task Token_is_made_shown_once_listed_and_revoked()
    {
        await using var tab = await browser.OpenAsync("/account");
        await tab.PressAsync("New token");
        await tab.PressAsync("Create token");
        await tab.SeeAsync("This is needed.");
        await tab.Page.Locator(".rz-dialog").GetByLabel("Name").FillAsync("robot of the page");
        await tab.Page.GetByRole(AriaRole.Radio, new PageGetByRoleOptions { Name = "Deploy" }).CheckAsync();
        await LogBrowserFixture.PictureAsync(tab.Page, "token-form");
        await tab.PressAsync("Create token");
        var text = await tab.Page.Locator("[data-test=token]").InnerTextAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(text));

        await LogBrowserFixture.PictureAsync(tab.Page, "token-made");
        await tab.PressAsync("Done");
        var row = tab.Page.Locator("li.door", new PageLocatorOptions { HasText = "robot of the page" });
        await row.WaitForAsync();
        await Assertions.Expect(tab.Page.Locator("[data-test=token]")).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = BrowserFixture.LimitMs });
        Assert.DoesNotContain(text, await tab.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Contains("Deploy", await row.InnerTextAsync(), StringComparison.Ordinal);
        await row.ScrollIntoViewIfNeededAsync();
        await LogBrowserFixture.PictureAsync(tab.Page, "account-doors");
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await tab.Page.Locator(".confirm button[type=submit]").ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = BrowserFixture.LimitMs });
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(text));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Session_ended_elsewhere_leaves_its_open_page_at_once()
    {
        await using var there = await browser.OpenAsync("/projects", Role.Deployer);
        await using var here = await browser.OpenAsync("/account", Role.Deployer);
        await here.SeeAsync("This browser");
        await here.PressAsync("Sign out all others");
        await here.Page.Locator(".confirm button[type=submit]").ClickAsync();
        await there.ArriveAsync(@"/login\?returnUrl=%2Fprojects");
        await Assertions.Expect(here.Page.Locator("[aria-labelledby=sessions-title] li.door")).ToHaveCountAsync(1, new LocatorAssertionsToHaveCountOptions { Timeout = BrowserFixture.LimitMs });
        Assert.Empty(here.Troubles);
    }

    [Theory]
    [InlineData("en-US", "Personal tokens")]
    [InlineData("zh-CN", "个人令牌")]
    public async Task Page_fits_a_phone_in_both_languages(string locale, string title)
    {
        await using var tab = await browser.OpenAsync("/account", Role.Viewer, new BrowserFixture.Look(locale, Dark: true, Width: 390, Height: 844));
        await tab.SeeAsync(title);
        await tab.Page.Locator("li.door").First.WaitForAsync();
        await tab.Page.Locator("li.door").Last.ScrollIntoViewIfNeededAsync();
        await LogBrowserFixture.PictureAsync(tab.Page, $"account-phone-{locale}");
        Assert.True(await tab.OverhangAsync() <= 0);
    }

    private async Task<HttpStatusCode> AskAsync(string token)
    {
        using var client = browser.WithToken(token);
        using var answer = await client.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        return answer.StatusCode;
    }
}
