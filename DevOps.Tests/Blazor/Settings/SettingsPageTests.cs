using DevOps.Core.Access;
using DevOps.Infrastructure.Settings;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Settings;

[Collection(BrowserCollection.Name)]
public sealed class SettingsPageTests(BrowserFixture browser)
{
    [Fact]
    public async Task What_is_saved_on_the_page_counts_at_once()
    {
        await using var tab = await browser.OpenAsync("/settings");
        await tab.FillAsync("Public address", "https://deploy.example/");
        await tab.FillAsync("Logs, days", "0");
        await tab.SeeAsync("Use 1 to 36500 days.");
        await tab.FillAsync("Logs, days", "77");
        await tab.PressAsync("Save");
        await tab.SeeAsync("Saved");

        var now = await browser.Services.GetRequiredService<SettingsReader>().ReadAsync(CancellationToken.None);
        Assert.Equal(("https://deploy.example", 77), (now.PublicUrl, now.Retention.LogDays));
        await tab.Page.GetByText("Built on").ClickAsync();
        await tab.SeeAsync("Radzen.Blazor");
        // Other tests go by the address that the browser uses.
        await browser.Services.GetRequiredService<ChangeSettings>().RunAsync(Actor.Platform, now with { PublicUrl = "" }, null, CancellationToken.None);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Limit_of_the_audit_log_and_language_of_messages_are_set_on_the_page()
    {
        var reader = browser.Services.GetRequiredService<SettingsReader>();
        var before = await reader.ReadAsync(CancellationToken.None);
        await using var tab = await browser.OpenAsync("/settings");
        await tab.FillAsync("Audit log, days", "30");
        await tab.SeeAsync("Use 0 (for ever), or 90 to 36500 days.");
        await tab.FillAsync("Audit log, days", "400");
        await tab.Page.GetByLabel("Language of messages").SelectOptionAsync("zh-Hans");
        await tab.PressAsync("Save");
        await tab.SeeAsync("Saved");

        var now = await reader.ReadAsync(CancellationToken.None);
        await browser.Services.GetRequiredService<ChangeSettings>().RunAsync(Actor.Platform, before, null, CancellationToken.None);
        Assert.Equal((400, "zh-Hans"), (now.Retention.AuditDays, now.Language));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task New_key_for_access_tokens_is_made_on_the_page_and_the_one_before_is_said_to_verify_still()
    {
        await using var tab = await browser.OpenAsync("/settings");
        var keys = tab.Page.GetByRole(AriaRole.Region, new() { Name = "Keys of access tokens" });
        var first = await keys.Locator("dt").First.InnerTextAsync();
        await keys.GetByRole(AriaRole.Button).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "New key now" }).ClickAsync();
        await tab.SeeAsync("The new key signs from now on");

        await Assertions.Expect(keys.Locator("dt").First).Not.ToHaveTextAsync(first);
        await Assertions.Expect(keys.Locator("dd").First).ToContainTextAsync("signs now");
        await Assertions.Expect(keys.Locator("dt").Nth(1)).ToHaveTextAsync(first);
        await Assertions.Expect(keys.Locator("dd").Nth(1)).ToContainTextAsync("verifies until");
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Page_fits_a_phone_and_is_closed_to_maintainers()
    {
        await using (var phone = await browser.OpenAsync("/settings", look: new(Width: 390, Height: 844)))
        {
            Assert.Equal(0, await phone.OverhangAsync());
        }

        await using var maintainer = await browser.OpenAsync("/settings", Role.Maintainer);
        await maintainer.Page.Locator("main [role=alert]").First.WaitForAsync();
        Assert.Equal(0, await maintainer.Page.Locator("main form").CountAsync());
    }
}
