using DevOps.Core.Access;
using DevOps.Core.Notifications;
using DevOps.Infrastructure.Notifications;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Notifications;

[Collection(BrowserCollection.Name)]
public sealed class NotificationPagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task Channel_is_made_by_the_form_and_its_test_shows_the_answer()
    {
        await using var receiver = new FakeReceiver();
        receiver.Then("200 OK", """{"errcode":310000,"errmsg":"sign not match"}""");
        await using var tab = await browser.OpenAsync("/notifications/new");
        await tab.FillAsync("Name", "team-chat");
        await tab.FillAsync("Address", receiver.Url);
        await tab.FillAsync("Signing secret", "SEC-from-the-page");
        await tab.Page.GetByLabel("begins").CheckAsync();
        await tab.PressAsync("Add channel");
        await tab.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "team-chat" }).First.ClickAsync();
        await tab.PressAsync("Send a test message to team-chat");

        await tab.SeeAsync("sign not match");
        await tab.Page.Locator(".list .badge", new() { HasText = "Failed" }).WaitForAsync();
        Assert.Contains("sign=", (await receiver.NextAsync()).Target, StringComparison.Ordinal);
        await using var db = await browser.Contexts.CreateDbContextAsync();
        var channel = await db.NotificationChannels.SingleAsync(c => c.Name == "team-chat");
        Assert.Equal(["pendingApproval", "running", "succeeded", "failed"], channel.Events);
        Assert.True(channel.HasSecret);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Message_of_another_process_appears_on_the_open_page()
    {
        await using var receiver = new FakeReceiver();
        await browser.Services.GetRequiredService<CreateChannel>().RunAsync(
            Actor.Platform, new ChannelDraft { Name = "live", Kind = ChannelKind.Webhook, Url = receiver.Url, Events = ["failed"] }, CancellationToken.None);
        await using var tab = await browser.OpenAsync("/notifications/live");

        await browser.Services.GetRequiredService<TestChannel>().RunAsync(Actor.Platform, "live", CancellationToken.None);

        await tab.Page.Locator(".list .badge", new() { HasText = "Sent" }).WaitForAsync();
    }

    [Fact]
    public async Task Address_that_does_not_fit_is_said_as_the_field_is_left()
    {
        await using var tab = await browser.OpenAsync("/notifications/new", look: new(Width: 390, Height: 844));
        await tab.FillAsync("Address", "chat.example");

        await tab.SeeAsync("begins with https://");
        Assert.Equal(0, await tab.OverhangAsync());
    }
}
