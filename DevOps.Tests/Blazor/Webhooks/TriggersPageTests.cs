using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Webhooks;

[Collection(BrowserCollection.Name)]
public sealed class TriggersPageTests(BrowserFixture browser)
{
    [Fact]
    public async Task Delivery_appears_with_why_and_triggers_are_tried_on_it_before_they_are_saved()
    {
        using var door = await WebhookDoor.MakeAsync(browser);
        await door.GitHubAsync(WebhookDoor.Push("refs/heads/dev"));
        await using var tab = await browser.OpenAsync($"/projects/{door.Key}/triggers");
        await tab.SeeAsync("ignored: branch dev matches no trigger (main)");
        await tab.SeeAsync("0 of the last 1 deliveries would be deployed");

        await tab.FillAsync("Branches", "dev\nmain");
        await tab.SeeAsync("1 of the last 1 deliveries would be deployed");
        await tab.PressAsync("Save");
        await tab.SeeAsync("Saved");

        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push("refs/heads/dev"))).Status);
        await tab.SeeAsync("accepted: branch dev");
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Address_can_be_chosen_by_sender_and_the_secret_is_shown_once()
    {
        using var door = await WebhookDoor.MakeAsync(browser);
        await using var tab = await browser.OpenAsync($"/projects/{door.Key}/triggers");
        await tab.SeeAsync($"{browser.Address}/webhooks/github/{door.Key}");
        await tab.Page.GetByLabel("Sender", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("Gitlab");
        await tab.SeeAsync($"{browser.Address}/webhooks/gitlab/{door.Key}");

        await tab.PressAsync("New secret");
        await tab.Page.Locator(".confirm button[type=submit]").ClickAsync();
        var secret = await tab.Page.Locator("code.secret").InnerTextAsync();
        door.Secret = secret.Trim();
        Assert.Equal(HttpStatusCode.Accepted, (await door.GitHubAsync(WebhookDoor.Push())).Status);

        await tab.GoAsync($"/projects/{door.Key}/triggers");
        await tab.SeeAsync("accepted: branch main");
        Assert.Equal(0, await tab.Page.Locator("code.secret").CountAsync());
    }

    [Fact]
    public async Task Delivery_shows_headers_and_body_and_is_sent_again()
    {
        using var door = await WebhookDoor.MakeAsync(browser, new TriggerSpec { Branches = ["release"] });
        await door.GitHubAsync(WebhookDoor.Push(message: "推送 it"));
        var id = (await door.KeptAsync())[0].Id;
        await door.ChangeAsync(db => db.Projects.Single(p => p.Id == door.Project.Id).Triggers = new TriggerSpec());
        await using var tab = await browser.OpenAsync($"/projects/{door.Key}/deliveries/{id}", Role.Deployer);
        await tab.SeeAsync("X-GitHub-Event");
        await tab.SeeAsync("推送 it");

        await tab.PressAsync("Send again");

        await tab.ArriveAsync("/triggers");
        await tab.SeeAsync("accepted: branch main");
        Assert.Empty(tab.Troubles);
    }

    [Theory]
    [InlineData("en-US", false)]
    [InlineData("zh-CN", true)]
    public async Task List_and_detail_fit_a_phone(string locale, bool dark)
    {
        using var door = await WebhookDoor.MakeAsync(browser, new TriggerSpec { Branches = ["main", "release/*"], Paths = ["src/**"] });
        await door.GitHubAsync(WebhookDoor.Push("refs/heads/a-branch-with-a-rather-long-name/that-has-no-place-to-break"));
        await door.GitHubAsync(WebhookDoor.Push());
        await using var tab = await browser.OpenAsync($"/projects/{door.Key}/triggers", look: new BrowserFixture.Look(locale, dark, 360, 740));
        await tab.SeeAsync("a-branch-with-a-rather-long-name");
        Assert.Equal(0, await tab.OverhangAsync());
        await ShootAsync(tab, $"triggers-{locale}");

        await tab.GoAsync($"/projects/{door.Key}/deliveries/{(await door.KeptAsync())[0].Id}");
        await tab.SeeAsync("X-GitHub-Event");
        Assert.Equal(0, await tab.OverhangAsync());
        Assert.Empty(tab.Troubles);
    }

    private static async Task ShootAsync(BrowserTab tab, string name)
    {
        if (Environment.GetEnvironmentVariable("DEVOPS_TEST_SHOTS") is { } folder)
        {
            await tab.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
