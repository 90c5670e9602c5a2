using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;

namespace DevOps.Tests.Blazor.Layout;

[Collection(BrowserCollection.Name)]
public sealed class PaletteTests(BrowserFixture browser)
{
    [Fact]
    public async Task Palette_goes_to_a_deployment_by_its_number_with_keys_alone()
    {
        var id = await LogRows.DeploymentAsync(browser.Postgres.DataSource, "succeeded");
        await using var tab = await browser.OpenAsync("/projects");

        await tab.Page.Keyboard.PressAsync("Control+k");
        await tab.Page.Locator("#palette input").FillAsync($"#{id}");
        await tab.Page.Locator($"#palette [role=option][aria-selected=true][href='/deployments/{id}']").WaitForAsync();
        await tab.Page.Keyboard.PressAsync("Enter");

        await tab.ArriveAsync($"/deployments/{id}");
        Assert.False(await tab.Page.EvaluateAsync<bool>("() => document.getElementById('palette').open"));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Arrows_choose_and_the_field_says_which_line_is_chosen()
    {
        await using var tab = await browser.OpenAsync("/projects");
        await tab.Page.Keyboard.PressAsync("Control+k");
        await tab.Page.Locator("#palette input").FillAsync("add");
        await tab.Page.Locator("#palette [role=option]", new() { HasText = "Add server" }).WaitForAsync();
        await tab.Page.Locator("#palette [role=option]", new() { HasText = "Projects" }).WaitForAsync(new() { State = Microsoft.Playwright.WaitForSelectorState.Detached });

        await tab.Page.Keyboard.PressAsync("ArrowDown");

        var chosen = tab.Page.Locator("#palette [aria-selected=true]");
        Assert.Equal(await chosen.GetAttributeAsync("id"), await tab.Page.Locator("#palette input").GetAttributeAsync("aria-activedescendant"));
        await tab.Page.Keyboard.PressAsync("Escape");
        Assert.False(await tab.Page.EvaluateAsync<bool>("() => document.getElementById('palette').open"));
    }

    [Fact]
    public async Task Viewer_is_offered_no_action_that_is_not_allowed()
    {
        await using var tab = await browser.OpenAsync("/projects", Role.Viewer);
        await tab.Page.Keyboard.PressAsync("Control+k");
        await tab.Page.Locator("#palette [role=option]", new() { HasText = "Account" }).WaitForAsync();

        Assert.Equal(0, await tab.Page.Locator("#palette [role=option]", new() { HasText = "New project" }).CountAsync());
        foreach (var page in new[] { "/users", "/audit", "/settings", "/notifications", "/credentials" })
        {
            Assert.Equal(0, await tab.Page.Locator($"#palette [href='{page}'], .shell-nav [href='{page}']").CountAsync());
        }

        Assert.Equal(1, await tab.Page.Locator("#palette [href='/servers']").CountAsync());
    }

    [Fact]
    public async Task Question_mark_lists_the_keys_unless_someone_types()
    {
        await using var tab = await browser.OpenAsync("/notifications/new");
        await tab.Page.GetByLabel("Name").First.PressAsync("?");
        Assert.False(await tab.Page.EvaluateAsync<bool>("() => document.getElementById('key-help').open"));
        await tab.Page.Locator("h1").First.ClickAsync();

        await tab.Page.Keyboard.PressAsync("?");

        await tab.SeeAsync("Go anywhere");
        await tab.Page.Keyboard.PressAsync("Escape");
        Assert.False(await tab.Page.EvaluateAsync<bool>("() => document.getElementById('key-help').open"));
    }
}
