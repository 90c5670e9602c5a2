using System.Text;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DevOps.Tests.Blazor.Logs;

public sealed class LogViewTests(LogBrowserFixture browser) : IClassFixture<LogBrowserFixture>, IAsyncLifetime
{
    private readonly List<string> _errors = [];
    private readonly CancellationToken _never = CancellationToken.None;
    private IPage _page = null!;

    public async Task InitializeAsync() => _page = await browser.PageAsync(_errors);

    public async Task DisposeAsync()
    {
        await _page.Context.DisposeAsync();
        Assert.Empty(_errors);
    }

    [Fact]
    public async Task Lines_appear_as_they_are_written_and_the_end_is_followed_until_the_reader_scrolls_up()
    {
        var id = await browser.DeploymentAsync("running", ("build", null, "running", 1, null));
        await using var log = await OpenAsync(id);
        await _page.GotoAsync($"/deployments/{id}");
        await Expect(_page.Locator(".log-empty")).ToBeVisibleAsync();

        await WriteAsync(log, 1, 500);
        await Expect(Line(500)).ToBeInViewportAsync();
        await Expect(Tool("Follow")).ToHaveAttributeAsync("aria-pressed", "true");
        await _page.Mouse.MoveAsync(900, 600);
        await _page.Mouse.WheelAsync(0, -2000);
        await Expect(Tool("Follow")).ToHaveAttributeAsync("aria-pressed", "false");

        await WriteAsync(log, 501, 1000);
        await Expect(Line(500)).Not.ToBeInViewportAsync();
        await _page.Mouse.WheelAsync(0, 40_000);
        await Expect(Tool("Follow")).ToHaveAttributeAsync("aria-pressed", "true");
        await WriteAsync(log, 1001, 1100);
        await Expect(Line(1100)).ToBeInViewportAsync();
    }

    [Fact]
    public async Task A_long_log_keeps_few_rows_in_the_page_and_every_line_can_be_reached()
    {
        const int Lines = 1_000_000;
        var id = await LongAsync(Lines);
        await _page.GotoAsync($"/deployments/{id}");
        await Expect(Line(1)).ToBeInViewportAsync();

        await Scroller.EvaluateAsync("s => s.scrollTop = s.scrollHeight");
        await Expect(Line(Lines)).ToBeInViewportAsync();
        await Scroller.EvaluateAsync("s => s.scrollTop = (s.scrollHeight - s.clientHeight) / 2");
        await Expect(Line(Lines / 2)).ToBeInViewportAsync();
        Assert.InRange(await _page.Locator(".log-row").CountAsync(), 20, 120);
        await _page.GotoAsync($"/deployments/{id}#L765432");
        await Expect(Line(765_432)).ToBeInViewportAsync();
        await Expect(Line(765_432)).ToContainClassAsync("chosen");
        await LogBrowserFixture.PictureAsync(_page, "log-million");
    }

    [Fact]
    public async Task A_search_counts_in_the_whole_log_and_opens_folded_steps()
    {
        var id = await browser.DeploymentAsync("succeeded", ("checkout", null, "succeeded", 1, 0), ("build", null, "succeeded", 11, 0), ("health", "app-1", "succeeded", 4001, 0));
        await using (var log = await OpenAsync(id))
        {
            await WriteAsync(log, 1, 3000);
            await SayAsync(log, "the \u001b[32mBas\u001b[0mket is here\n");
            await WriteAsync(log, 3002, 5000);
            await SayAsync(log, "another basket\n");
            await log.CompleteAsync(_never);
        }

        await _page.GotoAsync($"/deployments/{id}");
        await Expect(Line(1)).ToBeInViewportAsync();
        await _page.GetByTitle("Fold all steps").ClickAsync();
        await Expect(_page.Locator(".log-row")).ToHaveCountAsync(0);
        await _page.Keyboard.PressAsync("Control+f");
        await _page.Keyboard.TypeAsync("BASKET");

        await Expect(_page.Locator(".log-count")).ToHaveTextAsync("1 of 2");
        await Expect(Line(3001)).ToBeInViewportAsync();
        await _page.Keyboard.PressAsync("Enter");
        await Expect(_page.Locator(".log-count")).ToHaveTextAsync("2 of 2");
        await Expect(Line(5001)).ToBeInViewportAsync();
        await _page.Keyboard.PressAsync("Enter");
        await Expect(_page.Locator(".log-count")).ToHaveTextAsync("1 of 2");
        await Expect(Line(3001)).ToContainClassAsync("current");
    }

    [Fact]
    public async Task Text_of_the_log_is_never_markup_and_colours_are()
    {
        var id = await browser.DeploymentAsync("succeeded", ("build", null, "succeeded", 1, 0));
        await using (var log = await OpenAsync(id))
        {
            await SayAsync(log, "<img src=x onerror=\"document.title='pwned'\"> <b>bold</b> \u001b[1;31mred <i>\u001b[0m &amp;\n");
            await log.CompleteAsync(_never);
        }

        await _page.GotoAsync($"/deployments/{id}");

        await Expect(Line(1).Locator(".log-text")).ToHaveTextAsync("<img src=x onerror=\"document.title='pwned'\"> <b>bold</b> red <i> &amp;");
        await Expect(Line(1).Locator(".f1.a1")).ToHaveTextAsync("red <i>");
        Assert.Equal(0, await Line(1).Locator("img, b, i").CountAsync());
    }

    [Fact]
    public async Task Numbers_are_links_and_a_selection_is_copied_without_them()
    {
        var id = await LongAsync(50);
        await _page.GotoAsync($"/deployments/{id}");
        await Line(7).Locator(".log-n").ClickAsync();
        Assert.EndsWith($"/deployments/{id}#L7", _page.Url, StringComparison.Ordinal);
        await Line(9).Locator(".log-n").ClickAsync(new LocatorClickOptions { Modifiers = [KeyboardModifier.Shift] });
        Assert.EndsWith("#L7-L9", _page.Url, StringComparison.Ordinal);
        await Expect(_page.Locator(".log-row.chosen")).ToHaveCountAsync(3);

        await _page.EvaluateAsync("""
            () => {
              const text = (n) => document.querySelector(`.log-row[data-n="${n}"] .log-text`).firstChild;
              getSelection().setBaseAndExtent(text(3), 5, text(5), 6);
            }
            """);
        await _page.Keyboard.PressAsync("Control+c");

        Assert.Equal("3 of the build\nline 4 of the build\nline 5", await _page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task Wrapped_lines_are_whole_and_both_ends_are_reached()
    {
        var id = await browser.DeploymentAsync("succeeded", ("build", null, "succeeded", 1, 0));
        await using (var log = await OpenAsync(id))
        {
            for (var n = 1; n <= 2000; n++)
            {
                await SayAsync(log, $"line {n} {new string('x', n % 7 * 100)}\n");
            }

            await log.CompleteAsync(_never);
        }

        await _page.GotoAsync($"/deployments/{id}");
        await Tool("Wrap").ClickAsync();
        await Expect(_page.Locator(".log.wrap")).ToBeVisibleAsync();
        await Expect(Line(1)).ToBeInViewportAsync();
        await Scroller.EvaluateAsync("s => s.scrollTop = s.scrollHeight");
        await Expect(Line(2000)).ToBeInViewportAsync();
        await Scroller.EvaluateAsync("s => s.scrollTop = s.scrollHeight");
        await _page.WaitForFunctionAsync("""
            () => {
              const bottom = (what) => document.querySelector(what)?.getBoundingClientRect().bottom;
              return Math.abs(bottom('.log-row[data-n="2000"]') - bottom('.log-scroll')) < 3;
            }
            """);
        Assert.Equal(0, await Scroller.EvaluateAsync<int>("s => Math.max(0, s.scrollWidth - s.clientWidth)"));
        await Tool("Wrap").ClickAsync();
    }

    [Fact]
    public async Task A_page_whose_connection_broke_goes_on_where_it_was()
    {
        await _page.AddInitScriptAsync("const Real = WebSocket; window.WebSocket = class extends Real { constructor(...a) { super(...a); window.circuit = this; } };");
        var id = await browser.DeploymentAsync("running", ("build", null, "running", 1, null));
        await using var log = await OpenAsync(id);
        await WriteAsync(log, 1, 100);
        await _page.GotoAsync($"/deployments/{id}");
        await Expect(Line(100)).ToBeInViewportAsync();

        await _page.EvaluateAsync("window.before = window.circuit; window.circuit.close()");
        for (var n = 101; n <= 300; n += 10)
        {
            await WriteAsync(log, n, n + 9);
            await log.FlushAsync(_never);
        }

        await Expect(Line(300)).ToBeInViewportAsync();
        Assert.True(await _page.EvaluateAsync<bool>("window.before !== undefined && window.circuit !== window.before"));
        await WriteAsync(log, 301, 310);
        await Expect(Line(310)).ToBeInViewportAsync();
        _errors.RemoveAll(e => e.Contains("Connection disconnected", StringComparison.Ordinal) || e.Contains("WebSocket", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_browser_that_reads_nothing_for_a_while_holds_up_no_writer_and_catches_up()
    {
        const int Lines = 50_000;
        await using var line = new SlowLine(browser.App.Address);
        var page = await browser.PageAsync(_errors, address: line.Address);
        var id = await browser.DeploymentAsync("running", ("build", null, "running", 1, null));
        await using var log = await OpenAsync(id);
        await WriteAsync(log, 1, 100);
        await page.GotoAsync($"/deployments/{id}");
        await Expect(page.Locator(".log-row[data-n=\"100\"][data-filled]")).ToBeInViewportAsync();

        line.Stop();
        for (var n = 101; n < Lines; n += 1000)
        {
            await WriteAsync(log, n, Math.Min(Lines, n + 999));
            await log.FlushAsync(_never);
        }

        await log.CompleteAsync(_never);
        line.GoOn();

        await Expect(page.Locator($".log-row[data-n=\"{Lines}\"][data-filled]")).ToBeInViewportAsync();
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData("light", 1440, ColorScheme.Light, "en")]
    [InlineData("dark", 1440, ColorScheme.Dark, "zh-CN")]
    [InlineData("phone", 390, ColorScheme.Dark, "en")]
    public async Task A_failed_deployment_leads_to_its_first_error(string name, int width, ColorScheme scheme, string language)
    {
        var id = await Story.FailedAsync(browser);
        var page = await browser.PageAsync(_errors, width, 900, scheme, language);
        await page.GotoAsync($"/deployments/{id}");
        await Expect(page.Locator(".log-row").First).ToBeVisibleAsync();
        await page.Locator(".log-bar button", new PageLocatorOptions { Has = page.Locator(".icon", new PageLocatorOptions { HasTextString = "error" }) }).ClickAsync();

        await Expect(page.Locator(".log-row.chosen .log-text")).ToContainTextAsync("Connection refused");
        await LogBrowserFixture.PictureAsync(page, "deployment-" + name);
        await page.GotoAsync("/deployments");
        await Expect(page.Locator("table.list tbody tr").First).ToBeVisibleAsync();
        await LogBrowserFixture.PictureAsync(page, "deployments-" + name);
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData("light", 1440, ColorScheme.Light)]
    [InlineData("phone", 390, ColorScheme.Light)]
    public async Task A_step_leads_to_its_lines_and_a_running_deployment_asks_before_it_is_cancelled(string name, int width, ColorScheme scheme)
    {
        var id = await Story.RunningAsync(browser);
        var page = await browser.PageAsync(_errors, width, 900, scheme);
        await page.GotoAsync($"/deployments/{id}");
        await Expect(page.Locator(".badge").First).ToContainTextAsync("Health, app-2");
        await page.FillAsync(".log-bar input", "basket");
        await Expect(page.Locator(".log-count")).ToHaveTextAsync("1 of 1");
        await LogBrowserFixture.PictureAsync(page, "running-" + name);
        await page.Locator(".step.now").ClickAsync();

        await Expect(page.Locator(".log-row.chosen")).ToBeInViewportAsync();
        await LogBrowserFixture.PictureAsync(page, "running-step-" + name);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel", Exact = true }).ClickAsync();
        await Expect(page.Locator(".rz-dialog")).ToContainTextAsync($"Cancel deployment #{id}?");
        await page.Locator(".rz-dialog .button.danger").ClickAsync();
        await Expect(page.Locator(".rz-dialog")).ToHaveCountAsync(0);
        await page.Context.DisposeAsync();
    }

    private ILocator Scroller => _page.Locator(".log-scroll");

    private ILocator Line(long n) => _page.Locator($".log-row[data-n=\"{n}\"][data-filled]");

    private ILocator Tool(string name) => _page.Locator(".log-tool", new PageLocatorOptions { HasTextString = name });

    private Task<DeploymentLog> OpenAsync(long id) => browser.Logs.OpenAsync(id, [], fence: null, _never);

    private async Task<long> LongAsync(int lines)
    {
        var id = await browser.DeploymentAsync("succeeded", ("build", null, "succeeded", 1, 0));
        await using var log = await OpenAsync(id);
        await WriteAsync(log, 1, lines);
        await log.CompleteAsync(_never);
        return id;
    }

    private async Task WriteAsync(DeploymentLog log, int from, int to)
    {
        for (; from <= to; from += 1000)
        {
            var text = string.Concat(Enumerable.Range(from, Math.Min(1000, to - from + 1)).Select(n => $"line {n} of the build\n"));
            await SayAsync(log, text);
        }
    }

    private async Task SayAsync(DeploymentLog log, string text) =>
        await log.For("build", null).WriteAsync(LogStream.Out, Encoding.UTF8.GetBytes(text), _never);
}
