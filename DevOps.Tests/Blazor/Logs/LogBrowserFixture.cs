using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Logs;

/// <summary>The application and a real browser that is signed in.</summary>
public sealed class LogBrowserFixture : IAsyncLifetime
{
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private string _session = "";

    public ApiFixture App { get; } = new();

    public DeploymentLogs Logs => App.Services.GetRequiredService<DeploymentLogs>();

    public async Task InitializeAsync()
    {
        await App.InitializeAsync();
        await App.MakeUserAsync("lin", Role.Admin);
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        await using var context = await _browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = App.Address });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/login");
        await page.FillAsync("#username", "lin");
        await page.FillAsync("#password", ApiFixture.Password);
        await page.ClickAsync("button[type=submit]");
        await page.Locator(".shell").WaitForAsync();
        _session = await context.StorageStateAsync();
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await ((IAsyncLifetime)App).DisposeAsync();
    }

    /// <summary>A page of a signed-in browser; errors of its scripts are collected.</summary>
    public async Task<IPage> PageAsync(List<string> errors, int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light, string language = "en", string? address = null)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address ?? App.Address,
            StorageState = _session,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            Locale = language,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) =>
        {
            if (string.Equals(message.Type, "error", StringComparison.Ordinal))
            {
                errors.Add(message.Text);
            }
        };
        return page;
    }

    /// <summary>A deployment with steps: name, server, status, first line, exit code.</summary>
    public async Task<long> DeploymentAsync(string status, params (string Name, string? Server, string Status, long? FirstLine, int? Exit)[] steps)
    {
        var id = await LogRows.DeploymentAsync(App.Postgres.DataSource, status);
        for (var i = 0; i < steps.Length; i++)
        {
            await AddStepAsync(id, i, steps[i]);
        }

        return id;
    }

    /// <summary>Adds a step and tells the pages.</summary>
    public async Task AddStepAsync(long id, int position, (string Name, string? Server, string Status, long? FirstLine, int? Exit) step)
    {
        await using var insert = App.Postgres.DataSource.CreateCommand("""
            INSERT INTO deployment_steps (deployment_id, position, name, server, status, started_at, finished_at, exit_code, first_line)
            VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 = 'pending' THEN NULL ELSE now() - interval '41 seconds' END, CASE WHEN $5 IN ('pending', 'running') THEN NULL ELSE now() END, $6, $7)
            """);
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue(position);
        insert.Parameters.AddWithValue(step.Name);
        insert.Parameters.AddWithValue((object?)step.Server ?? DBNull.Value);
        insert.Parameters.AddWithValue(step.Status);
        insert.Parameters.AddWithValue((object?)step.Exit ?? DBNull.Value);
        insert.Parameters.AddWithValue((object?)step.FirstLine ?? DBNull.Value);
        await insert.ExecuteNonQueryAsync();
        App.Services.GetRequiredService<ChangeFeed>().Publish(new Change(ChangeKind.Deployment, id));
    }

    /// <summary>Keeps a picture where <c>DEVOPS_SCREENSHOTS</c> names a folder.</summary>
    public static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("DEVOPS_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
