using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Every page of <see cref="AccessTable"/> in a real browser, as an administrator: nothing that the content policy forbids, no error on the console, every header there.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PageWalkTests(BrowserFixture browser)
{
    private const string Nowhere = "/nothing-here";

    private static readonly Dictionary<string, string> Headers = new(StringComparer.Ordinal)
    {
        ["x-content-type-options"] = "nosniff",
        ["referrer-policy"] = "same-origin",
        ["permissions-policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ["cross-origin-opener-policy"] = "same-origin",
        ["x-frame-options"] = "DENY",
    };

    // What they answer is itself an error, which the browser notes: nothing there, a setup that is over, a link that is none.
    private static readonly string[] AnsweredWithAnError = ["/not-found", "/error", "/setup", "/invitation/", Nowhere];

    [Fact]
    public async Task Every_page_keeps_its_content_policy_its_headers_and_a_clean_console()
    {
        var world = await AccessWorld.MakeAsync(browser, browser.Hosts, Visitor.All[0]);
        await using var tab = await browser.OpenAsync("/projects");
        var wrong = new List<string>();
        var known = tab.Troubles.Count;
        foreach (var path in AccessTable.Doors.Where(d => d.IsPage).Select(d => world.Fill(d.Route)).Append("/docs/index.html").Append(Nowhere))
        {
            var answer = await tab.Page.GotoAsync(path);
            await ShownAsync(tab.Page, path);
            wrong.AddRange(Missing(answer!.Headers).Select(m => $"{path}: {m}"));
            wrong.AddRange(tab.Troubles.Skip(known).Where(t => !IsExpected(path, t)).Select(t => $"{path}: {t}"));
            known = tab.Troubles.Count;
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/app.css")]
    [InlineData("/login")]
    [InlineData("/api/v1/me")]
    [InlineData("/api/v1/nothing-here")]
    [InlineData("/nothing-here")]
    public async Task Every_other_answer_has_the_headers_too(string path)
    {
        using var client = browser.Anonymous();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Empty(Missing(answer.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => string.Join(", ", h.Value), StringComparer.Ordinal)));
        Assert.False(answer.Headers.Contains("Server"));
    }

    private static async Task ShownAsync(IPage page, string path)
    {
        if (path.StartsWith("/docs", StringComparison.Ordinal))
        {
            await page.Locator(".opblock").First.WaitForAsync();
            return;
        }

        await page.Locator("main h1, main .empty, main .error-panel").First.WaitForAsync();
        await Assertions.Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0, new() { Timeout = BrowserFixture.LimitMs });
    }

    private static IEnumerable<string> Missing(IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in Headers.Where(h => !string.Equals(headers.GetValueOrDefault(h.Key), h.Value, StringComparison.Ordinal)))
        {
            yield return $"{name} is {headers.GetValueOrDefault(name) ?? "missing"}, not {value}";
        }

        var policy = (headers.GetValueOrDefault("content-security-policy") ?? "").Split(';', StringSplitOptions.TrimEntries);
        foreach (var rule in new[] { "default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'" }.Except(policy, StringComparer.Ordinal))
        {
            yield return $"the content policy lacks {rule}";
        }
    }

    private static bool IsExpected(string path, string trouble) =>
        Array.Exists(AnsweredWithAnError, p => path.StartsWith(p, StringComparison.Ordinal))
        && trouble.StartsWith("error: Failed to load resource: the server responded with a status of", StringComparison.Ordinal);
}
