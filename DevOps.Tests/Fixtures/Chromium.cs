using Microsoft.Playwright;

namespace DevOps.Tests.Fixtures;

/// <summary>The browser of the machine, started once for all tests of the process.</summary>
public static class Chromium
{
    private static readonly Lazy<Task<IBrowser>> Shared = new(StartAsync);

    /// <summary>The running browser.</summary>
    public static Task<IBrowser> GetAsync() => Shared.Value;

    private static async Task<IBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        SuiteFramework.AtEnd(async () =>
        {
            await browser.CloseAsync();
            playwright.Dispose();
        });
        return browser;
    }
}
