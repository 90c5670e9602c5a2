using System.Globalization;
using DevOps.Tests.EndToEnd;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DevOps.Tests.Chaos;

/// <summary>A browser that goes away in the middle of a deployment and comes back.</summary>
[Collection(FaultCollection.Name)]
public sealed class ClosedBrowserTests(FaultRoom room)
{
    private const int Lines = 300;
    private const int Line = 7;

    [Fact]
    public async Task Browser_that_is_closed_and_opened_again_is_where_it_was_and_the_deployment_does_not_notice()
    {
        await room.PutProjectAsync(project => project.Script = [Say("before"), Knock("first"), Say("meanwhile"), Knock("second"), "mkdir -p dist", "cp page.txt dist/page.txt"]);
        room.Commit();
        var (first, second) = (room.Gates.Close("first"), room.Gates.Close("second"));
        var id = await room.RequestAsync();
        await first.WaitAsync(TimeSpan.FromMinutes(2));

        string state, address;
        await using (var tab = await OpenAsync(null))
        {
            await tab.SignInAsync("root-admin", PlatformProcess.Password, $"/deployments/{id}");
            await Expect(tab.Page.GetByText($"before {Lines}", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
            await tab.Page.GotoAsync($"/deployments/{id}#L{Line}");
            await Expect(Row(tab, Line)).ToBeInViewportAsync();
            (state, address) = (await tab.Page.Context.StorageStateAsync(), tab.Page.Url);
        }

        room.Gates.Open("first");
        await second.WaitAsync(TimeSpan.FromMinutes(2));
        await using var again = await OpenAsync(state);
        await again.Page.GotoAsync(address);
        await Expect(Row(again, Line)).ToBeInViewportAsync();
        await Expect(Row(again, Line)).ToContainClassAsync("chosen");
        await again.Page.Locator(".log-scroll").EvaluateAsync("s => s.scrollTop = s.scrollHeight");
        await Expect(again.Page.GetByText($"meanwhile {Lines}", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        room.Gates.OpenAll();
        await Expect(again.Page.GetByText($"Deployment #{id} succeeded.")).ToBeVisibleAsync();

        var deployment = await room.EndAsync(id);
        Assert.Equal("succeeded", deployment.GetProperty("status").GetString());
        var log = (await room.LogAsync(id)).Split('\n');
        Assert.All(new[] { "before", "meanwhile" }, word => Assert.Equal(Told(word), log.Where(l => l.StartsWith(word, StringComparison.Ordinal))));
        Assert.Empty(again.Troubles);
        await new Oracle(room).CheckAsync(id);
    }

    private static IEnumerable<string> Told(string word) => Enumerable.Range(1, Lines).Select(n => string.Create(CultureInfo.InvariantCulture, $"{word} {n}"));

    private static string Say(string word) => $"i=0; while [ $i -lt {Lines} ]; do i=$((i+1)); echo {word} $i; done";

    private static ILocator Row(BrowserTab tab, int n) => tab.Page.Locator($".log-row[data-n=\"{n}\"][data-filled]");

    private string Knock(string door) => $"wget -q -O /dev/null {room.Gates.Address}{door}";

    private async Task<BrowserTab> OpenAsync(string? state)
    {
        SetDefaultExpectTimeout(BrowserFixture.LimitMs);
        var context = await (await Chromium.GetAsync()).NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = room.Platform.Client.BaseAddress!.ToString(),
            StorageState = state,
            Locale = "en-US",
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
        });
        context.SetDefaultTimeout(BrowserFixture.LimitMs);
        return new BrowserTab(context, await context.NewPageAsync());
    }
}
