using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.Playwright;

namespace DevOps.Tests.Fixtures;

/// <summary>A real browser on the application with its worker: what is asked for on a page really runs, onto servers in memory.</summary>
public sealed class WorkingBrowser : IAsyncLifetime
{
    /// <summary>The application.</summary>
    public DeploymentFixture Platform { get; } = new();

    /// <summary>Opens a tab of its own, signed in as a user with the role, and goes to an address.</summary>
    public async Task<BrowserTab> OpenAsync(string path, Role role = Role.Admin)
    {
        await Platform.TokenAsync(role);
        var browser = await Chromium.GetAsync();
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = Platform.Address, Locale = "en-US", ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        context.SetDefaultTimeout(BrowserFixture.LimitMs);
        var tab = new BrowserTab(context, await context.NewPageAsync());
        await tab.SignInAsync(Json.Word(role), ApiFixture.Password, path);
        return tab;
    }

    public Task InitializeAsync() => Platform.InitializeAsync();

    public Task DisposeAsync() => ((IAsyncLifetime)Platform).DisposeAsync();
}
