using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Access;

[Collection(BrowserCollection.Name)]
public sealed class UserPagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task Person_is_invited_changed_and_deleted()
    {
        await using var tab = await browser.OpenAsync("/users/new");
        await tab.FillAsync("User name", "quinn");
        await tab.FillAsync("Name · ", "Quinn Lee");
        await tab.PressAsync("Make invitation");
        await tab.SeeAsync("Invitation for quinn");
        var url = await tab.Page.Locator(".link").InnerTextAsync();
        using var client = browser.Anonymous();
        Assert.Contains("Welcome, quinn", await client.GetStringAsync(new Uri(url)), StringComparison.Ordinal);

        await tab.GoAsync("/users?q=quinn");
        var row = tab.Page.Locator("tr", new PageLocatorOptions { HasText = "Quinn Lee" });
        await row.GetByText("Invited").WaitForAsync();
        Assert.DoesNotContain(url[^20..], await tab.Page.ContentAsync(), StringComparison.Ordinal);

        await tab.GoAsync("/users/quinn");
        await tab.Page.Locator("main select").First.SelectOptionAsync("Maintainer");
        await tab.PressAsync("Save");
        await tab.SeeAsync("quinn is saved");
        await tab.PressAsync("Delete");
        await tab.Page.Locator("#confirm-name").FillAsync("quinn");
        await tab.Page.Locator(".confirm button[type=submit]").ClickAsync();
        await tab.ArriveAsync("/users");
        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.False(await db.Users.AnyAsync(a => a.UserName == "quinn"));
        Assert.Equal(["user.create", "user.change", "user.delete"], await db.AuditEntries.Where(a => a.Subject == "user/quinn").OrderBy(a => a.Id).Select(a => a.Action).ToListAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Last_administrator_keeps_the_role_and_the_page_says_why()
    {
        await using var tab = await browser.OpenAsync("/users/admin");
        await tab.Page.Locator("main select").First.SelectOptionAsync("Viewer");
        await tab.PressAsync("Save");
        await tab.SeeAsync("last enabled administrator");
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task List_follows_what_others_change()
    {
        await browser.MakeUserAsync("rosa", Role.Viewer);
        await using var tab = await browser.OpenAsync("/users?q=rosa");
        var row = tab.Page.Locator("tr", new PageLocatorOptions { HasText = "rosa" });
        await row.GetByText("Active").WaitForAsync();
        await browser.Services.GetRequiredService<ChangeUser>().RunAsync(
            Actor.Platform, new UserDraft { Username = "rosa", Role = Role.Viewer, Disabled = true }, null, CancellationToken.None);
        await row.GetByText("Disabled").WaitForAsync();
        Assert.Empty(tab.Troubles);
    }

    [Theory]
    [InlineData("/users")]
    [InlineData("/users/new")]
    [InlineData("/users/admin")]
    [InlineData("/account/two-factor")]
    public async Task Page_fits_a_phone(string path)
    {
        await using var tab = await browser.OpenAsync(path, look: new BrowserFixture.Look(Width: 360, Height: 740));
        Assert.Equal(0, await tab.OverhangAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Setting_of_the_second_factor_is_kept()
    {
        await using var tab = await browser.OpenAsync("/users");
        await tab.Page.Locator("#duty-from").SelectOptionAsync(new SelectOptionValue { Label = "nobody" });
        await tab.Page.Locator("form", new PageLocatorOptions { Has = tab.Page.Locator("#duty-from") }).Locator("button").ClickAsync();
        await tab.SeeAsync("Saved");
        Assert.Null(await browser.Services.GetRequiredService<TwoFactorDuty>().FromAsync(CancellationToken.None));
        Assert.Empty(tab.Troubles);
    }
}
