using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Credentials;
using DevOps.Infrastructure.Servers;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Servers;

[Collection(BrowserCollection.Name)]
public sealed class ServerPagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task Steps_add_a_server_with_the_key_that_was_shown()
    {
        await CredentialAsync();
        var key = browser.ShowKey("10.0.4.11");
        await using var tab = await browser.OpenAsync("/servers/new");
        await tab.FillAsync("Name", "app-1");
        await tab.FillAsync("User", "deploy");
        await tab.FillAsync("Host", "10.0.4.11");
        await tab.Page.GetByLabel("Credential").First.SelectOptionAsync("page-login");
        await tab.PressAsync("Ask for the host key");
        await tab.SeeAsync(key.Fingerprint);
        await tab.PressAsync("I compared it");
        await tab.Page.Locator(".steps [aria-current=step]", new() { HasText = "Check" }).WaitForAsync();
        await tab.PressAsync("Continue");
        await tab.FillAsync("Tags", "web, eu");
        await tab.PressAsync("Finish");
        await tab.ArriveAsync("/servers/app-1");
        await tab.SeeAsync(key.Fingerprint);

        await using var db = await browser.Contexts.CreateDbContextAsync();
        var server = await db.Servers.SingleAsync(s => s.Name == "app-1");
        Assert.Equal(key.Fingerprint, server.HostKeyFingerprint);
        Assert.Equal(["web", "eu"], server.Tags);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Host_that_does_not_answer_is_said_and_nothing_is_added()
    {
        await CredentialAsync();
        await using var tab = await browser.OpenAsync("/servers/new");
        await tab.FillAsync("Name", "silent");
        await tab.FillAsync("User", "deploy");
        await tab.FillAsync("Host", "10.9.9.9");
        await tab.Page.GetByLabel("Credential").First.SelectOptionAsync("page-login");
        await tab.PressAsync("Ask for the host key");
        await tab.SeeAsync("10.9.9.9");
        await tab.Page.Locator("main [role=alert]").First.WaitForAsync();
        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.False(await db.Servers.AnyAsync(s => s.Name == "silent"));
    }

    [Fact]
    public async Task Changed_key_shows_both_fingerprints_and_is_taken_only_by_name()
    {
        await CredentialAsync();
        var before = browser.ShowKey("10.0.4.12", 'B');
        await browser.Services.GetRequiredService<AddServer>().RunAsync(
            Actor.Platform,
            new ServerDraft { Name = "moved", Host = "10.0.4.12", User = "deploy", Credential = "page-login", HostKey = before.Fingerprint },
            CancellationToken.None);
        var after = browser.ShowKey("10.0.4.12", 'C');

        await using var tab = await browser.OpenAsync("/servers/moved/host-key");
        await tab.SeeAsync(before.Fingerprint);
        await tab.SeeAsync(after.Fingerprint);
        await tab.PressAsync("Trust the new key");
        await tab.Page.Locator("#confirm-name").FillAsync("moved");
        await tab.Page.Locator(".confirm button[type=submit]").ClickAsync();
        await tab.ArriveAsync("/servers/moved");
        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.Equal(after.Fingerprint, (await db.Servers.SingleAsync(s => s.Name == "moved")).HostKeyFingerprint);
    }

    private async Task CredentialAsync()
    {
        await using var db = await browser.Contexts.CreateDbContextAsync();
        if (!await db.Credentials.AnyAsync(c => c.Name == "page-login"))
        {
            await browser.Services.GetRequiredService<AddCredential>().RunAsync(
                Actor.Platform,
                new CredentialDraft { Name = "page-login", Kind = CredentialKind.Password, Value = new Sensitive("not shown anywhere") },
                CancellationToken.None);
        }
    }
}
