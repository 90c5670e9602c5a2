using DevOps.Core.Access;
using DevOps.Infrastructure.Settings;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

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
