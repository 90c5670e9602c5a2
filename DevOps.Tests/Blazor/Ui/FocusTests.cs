using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Ui;

/// <summary>The focus goes where one would look first, at once, and is never taken from somebody who types.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FocusTests(BrowserFixture browser)
{
    [Fact]
    public async Task Dialog_gives_the_focus_to_its_first_field_once_and_back_to_what_opened_it()
    {
        await using var tab = await browser.OpenAsync("/account");
        var opener = tab.Page.GetByRole(AriaRole.Button, new() { Name = "New token" });
        await opener.WaitForAsync();

        // The clock stands: nothing of what is waited for may need a delay.
        var start = DateTime.UtcNow;
        await tab.Page.Clock.InstallAsync(new() { TimeDate = start });
        await tab.Page.Clock.PauseAtAsync(start.AddSeconds(1));
        await opener.ClickAsync();
        var dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByLabel("Name")).ToBeFocusedAsync(Patient);

        await dialog.GetByLabel("Good for").FocusAsync();
        await tab.Page.Clock.FastForwardAsync(2_000);
        await Assertions.Expect(dialog.GetByLabel("Good for")).ToBeFocusedAsync(Patient);

        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(opener).ToBeFocusedAsync(Patient);
        Assert.Empty(tab.Troubles);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Dialog_stands_in_the_middle_of_the_window_wherever_its_stage_is_in_the_page(int width)
    {
        await using var tab = await browser.OpenAsync("/account", look: new BrowserFixture.Look { Width = width });
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Dialog).GetByLabel("Name").WaitForAsync();

        var box = (await tab.Page.Locator(".rz-dialog").BoundingBoxAsync())!;

        Assert.Equal(width / 2f, box.X + (box.Width / 2f), 1f);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Headline_has_the_focus_after_going_to_another_page()
    {
        await using var tab = await browser.OpenAsync("/projects");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Servers" }).First.ClickAsync();
        await tab.Page.Locator("h1:focus", new() { HasText = "Servers" }).WaitForAsync();
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Field_somebody_types_in_as_the_page_appears_keeps_the_focus()
    {
        await using var tab = await browser.OpenAsync("/projects");

        // As fast as can be: in the same moment in which the field is put on the page.
        await tab.Page.AddInitScriptAsync("""
            new MutationObserver((_, watch) => {
              const field = document.querySelector("main input");
              if (field) { watch.disconnect(); field.focus(); window.typing = field; }
            }).observe(document, { childList: true, subtree: true });
            """);
        await tab.GoAsync("/audit");
        await tab.Page.EvaluateAsync("() => Blazor.navigateTo(location.pathname + '?action=a')");
        await Assertions.Expect(tab.Page.GetByRole(AriaRole.Textbox, new() { Name = "Action" })).ToHaveValueAsync("a", new() { Timeout = BrowserFixture.LimitMs });

        Assert.True(await tab.Page.EvaluateAsync<bool>("() => document.activeElement === window.typing"));
        Assert.Empty(tab.Troubles);
    }

    private static LocatorAssertionsToBeFocusedOptions Patient => new() { Timeout = BrowserFixture.LimitMs };
}
