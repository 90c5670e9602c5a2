using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace DevOps.Tests.Fixtures;

/// <summary>A tab of a browser. Notes what a page must not do: errors on the console, broken scripts, forbidden content.</summary>
public sealed class BrowserTab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _troubles = new();

    public BrowserTab(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _troubles.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _troubles.Enqueue($"script: {error}");
    }

    public IPage Page { get; }

    /// <summary>What went wrong in the browser so far; violations of the content policy stand among the errors of the console.</summary>
    public IReadOnlyCollection<string> Troubles => _troubles;

    public async Task SignInAsync(string user, string password, string path)
    {
        await Page.GotoAsync("/login?returnUrl=" + Uri.EscapeDataString(path));
        await Page.Locator("input[type=password]").FillAsync(password);
        await Page.Locator("main input[autocomplete=username]").FillAsync(user);
        await Page.Locator("main button[type=submit]").First.ClickAsync();
        await Page.Locator(".shell").WaitForAsync();
        await Page.Locator("main h1, main .empty").First.WaitForAsync();
    }

    /// <summary>Goes to another page and waits for its headline.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.Locator("main h1").First.WaitForAsync();
    }

    /// <summary>Types into the field of a label and leaves it.</summary>
    public async Task FillAsync(string label, string text)
    {
        var field = Page.Locator("main").GetByLabel(label, new LocatorGetByLabelOptions { Exact = false }).First;
        await field.FillAsync(text);
        await field.BlurAsync();
    }

    /// <summary>Presses a button of the page or of an open dialog.</summary>
    public Task PressAsync(string name) =>
        Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name }).Last.ClickAsync();

    /// <summary>Waits until a text stands somewhere on the page.</summary>
    public Task SeeAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    /// <summary>Waits until the address ends like a regular expression, and says what the page shows when it never does. It looks again and again instead of
    /// waiting for an event, which may have come in the moment before.</summary>
    public async Task ArriveAsync(string ending)
    {
        try
        {
            await Assertions.Expect(Page).ToHaveURLAsync(new Regex(ending + "$", RegexOptions.None, TimeSpan.FromSeconds(1)), new PageAssertionsToHaveURLOptions { Timeout = BrowserFixture.LimitMs });
        }
        catch (PlaywrightException late)
        {
            throw new InvalidOperationException($"{late.Message}\nThe page says: {await Page.Locator("body").InnerTextAsync()}\nThe browser says: {string.Join('\n', Troubles)}", late);
        }
    }

    /// <summary>How far the page reaches beyond the window to the right, in pixels.</summary>
    public Task<int> OverhangAsync() =>
        Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
