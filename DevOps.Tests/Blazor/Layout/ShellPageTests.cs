using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Layout;

[Collection(BrowserCollection.Name)]
public sealed class ShellPageTests(BrowserFixture browser)
{
    [Theory]
    [InlineData("/projects")]
    [InlineData("/projects/new")]
    [InlineData("/servers")]
    [InlineData("/servers/new")]
    [InlineData("/credentials")]
    [InlineData("/credentials/new")]
    public async Task Page_opens_without_an_error_and_fits_a_phone(string path)
    {
        await using var tab = await browser.OpenAsync(path, look: new BrowserFixture.Look(Width: 360, Height: 740));
        Assert.Equal(0, await tab.OverhangAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Language_follows_the_browser_until_it_is_chosen()
    {
        await using var tab = await browser.OpenAsync("/projects", look: new BrowserFixture.Look("zh-CN"));
        Assert.Equal("zh-Hans", await tab.Page.Locator("html").GetAttributeAsync("lang"));
        await tab.Page.Locator("h1", new PageLocatorOptions { HasText = "项目" }).WaitForAsync();

        await tab.PressAsync("EN");
        await tab.Page.Locator("h1", new PageLocatorOptions { HasText = "Projects" }).WaitForAsync();

        await tab.GoAsync("/servers");
        await tab.Page.Locator("h1", new PageLocatorOptions { HasText = "Servers" }).WaitForAsync();
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Theme_follows_the_system_until_it_is_chosen_and_stays_chosen()
    {
        await using var tab = await browser.OpenAsync("/projects", look: new BrowserFixture.Look(Dark: true));
        Assert.Equal("rgb(14, 18, 25)", await BackgroundAsync(tab));

        await tab.Page.Locator("[popovertarget=theme-menu]").ClickAsync();
        await tab.Page.Locator("[data-set-theme=light]").ClickAsync();
        Assert.Equal("rgb(246, 247, 249)", await BackgroundAsync(tab));

        await tab.GoAsync("/servers");
        Assert.Equal("rgb(246, 247, 249)", await BackgroundAsync(tab));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Drawer_opens_on_a_phone_and_closes_with_the_choice()
    {
        await using var tab = await browser.OpenAsync("/projects", look: new BrowserFixture.Look(Width: 390, Height: 844));
        var menu = tab.Page.Locator(".shell-nav a[href='/servers']");
        Assert.False(await menu.IsVisibleAsync());

        await tab.Page.Locator(".shell-menu-button").ClickAsync();
        await menu.ClickAsync();
        await tab.ArriveAsync("/servers");
        await Assertions.Expect(menu).Not.ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = BrowserFixture.LimitMs });
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Viewer_sees_no_button_that_is_not_his()
    {
        await using var tab = await browser.OpenAsync("/servers", Role.Viewer);
        await tab.Page.Locator("main .card").First.WaitForAsync();
        Assert.Equal(0, await tab.Page.Locator("a[href='/servers/new']").CountAsync());

        await tab.Page.GotoAsync("/credentials");
        await tab.SeeAsync("Not allowed");
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Unknown_address_says_so_with_the_right_status()
    {
        await using var tab = await browser.OpenAsync("/projects");
        var answer = await tab.Page.GotoAsync("/nothing-here");
        Assert.Equal(404, answer!.Status);
        await tab.SeeAsync("There is nothing at this address");
    }

    [Fact]
    public async Task Server_that_no_longer_knows_the_page_makes_it_load_again()
    {
        await using var tab = await browser.OpenAsync("/projects");
        await tab.Page.EvaluateAsync("() => { window.marker = true; document.getElementById('components-reconnect-modal').className = 'reconnect components-reconnect-rejected'; }");
        await tab.Page.WaitForFunctionAsync("() => !window.marker && document.querySelector('.shell h1')");
        Assert.Empty(tab.Troubles);
    }

    private static Task<string> BackgroundAsync(BrowserTab tab) =>
        tab.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
}
