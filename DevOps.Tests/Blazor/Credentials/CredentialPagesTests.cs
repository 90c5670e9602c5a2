using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Credentials;

[Collection(BrowserCollection.Name)]
public sealed class CredentialPagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task Made_key_shows_its_public_half_alone()
    {
        await using var tab = await browser.OpenAsync("/credentials/new");
        await tab.FillAsync("Name", "page-key");
        await tab.PressAsync("Make key");
        await tab.Page.Locator(".public-key").WaitForAsync();
        Assert.StartsWith("ssh-ed25519 ", await tab.Page.Locator(".public-key").InnerTextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", await tab.Page.ContentAsync(), StringComparison.Ordinal);
        await tab.PressAsync("Done");
        await tab.Page.Locator("tr", new PageLocatorOptions { HasText = "page-key" }).WaitForAsync();
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Typed_token_is_stored_and_never_shown_again()
    {
        await using var tab = await browser.OpenAsync("/credentials/new");
        await tab.FillAsync("Name", "page-token");
        await tab.Page.GetByLabel("Kind").SelectOptionAsync("Token");
        await tab.Page.Locator("main input[type=password]").FillAsync("glpat-very-secret");
        await tab.PressAsync("Store credential");
        var row = tab.Page.Locator("tr", new PageLocatorOptions { HasText = "page-token" });
        await row.WaitForAsync();
        Assert.DoesNotContain("glpat-very-secret", await tab.Page.ContentAsync(), StringComparison.Ordinal);

        await row.Locator("button[aria-label='Delete page-token']").ClickAsync();
        await tab.Page.Locator(".confirm button[type=submit]").ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = BrowserFixture.LimitMs });
        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.False(await db.Credentials.AnyAsync(c => c.Name == "page-token"));
    }

    [Fact]
    public async Task Link_that_asks_to_go_on_elsewhere_leads_to_the_list()
    {
        await using var tab = await browser.OpenAsync("/credentials/new?Back=%2F%09%2Fevil.example");
        await tab.FillAsync("Name", "page-redirect");
        await tab.Page.GetByLabel("Kind").SelectOptionAsync("Token");
        await tab.Page.Locator("main input[type=password]").FillAsync("glpat-very-secret");
        await tab.PressAsync("Store credential");
        await tab.Page.Locator("tr", new PageLocatorOptions { HasText = "page-redirect" }).WaitForAsync();
        Assert.Equal($"{browser.Address}/credentials", tab.Page.Url);
    }
}
