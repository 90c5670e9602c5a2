using System.Text.RegularExpressions;
using DevOps.Core.Access;
using DevOps.Infrastructure.Projects;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Audit;

[Collection(BrowserCollection.Name)]
public sealed class AuditPageTests(BrowserFixture browser)
{
    [Fact]
    public async Task Entries_are_narrowed_in_the_address_and_show_what_changed()
    {
        await ChangeAsync("page-audit");
        await using var tab = await browser.OpenAsync("/audit");
        await tab.FillAsync("Subject", "project/page-audit");
        // Asked again and again: the address may have changed between the browser's word and the wait for it.
        await Assertions.Expect(tab.Page).ToHaveURLAsync(new Regex("/audit\\?subject=project%2Fpage-audit$", RegexOptions.None, TimeSpan.FromSeconds(1)), new() { Timeout = BrowserFixture.LimitMs });
        await Assertions.Expect(tab.Page.Locator("table.audit tbody tr")).ToHaveCountAsync(2);
        await tab.Page.GetByText("Changed fields (1)").ClickAsync();
        await Assertions.Expect(tab.Page.Locator("details[open] del")).ToContainTextAsync("node:22");
        await Assertions.Expect(tab.Page.Locator("details[open] ins")).ToContainTextAsync("node:24");
        var export = await tab.Page.GetByText("Export CSV").GetAttributeAsync("href");
        Assert.Equal("/api/v1/audit?format=csv&subject=project%2Fpage-audit", export);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Older_and_newer_entries_are_a_step_away_and_their_place_stands_in_the_address()
    {
        await using (var insert = browser.Postgres.DataSource.CreateCommand("INSERT INTO audit_entries (at, actor, action, subject, summary) SELECT now() - n * interval '1 second', 'stepper', 'test.step', 'test', 'Step ' || n || '.' FROM generate_series(1, 120) n"))
        {
            await insert.ExecuteNonQueryAsync();
        }

        await using var tab = await browser.OpenAsync("/audit?actor=stepper");
        await tab.SeeAsync("Step 50.");
        Assert.Equal(0, await tab.Page.GetByText("Newer").CountAsync());
        await tab.Page.GetByText("Older").ClickAsync();
        await tab.SeeAsync("Step 51.");
        Assert.Matches(@"\?actor=stepper&before=\d+$", tab.Page.Url);
        await tab.Page.GetByText("Older").ClickAsync();
        await tab.SeeAsync("Step 120.");
        await Assertions.Expect(tab.Page.GetByText("Older")).ToHaveCountAsync(0);
        await tab.Page.GetByText("Newer").ClickAsync();
        await tab.SeeAsync("Step 100.");
        await tab.Page.GetByText("Newer").ClickAsync();
        await tab.SeeAsync("Step 1.");
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Filters_that_nothing_fits_lead_back_to_all()
    {
        await using var tab = await browser.OpenAsync("/audit?actor=nobody-at-all");
        await tab.SeeAsync("Nothing matches");
        await tab.Page.GetByText("Show all").ClickAsync();
        await tab.Page.Locator("table.audit").WaitForAsync();
    }

    [Fact]
    public async Task New_entries_appear_by_themselves()
    {
        await using var tab = await browser.OpenAsync("/audit?subject=project/late-entry");
        await tab.SeeAsync("Nothing matches");
        await ChangeAsync("late-entry");
        await Assertions.Expect(tab.Page.Locator("table.audit tbody tr")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Refused_page_is_an_entry_and_the_way_there_is_not_offered()
    {
        await using (var viewer = await browser.OpenAsync("/audit", Role.Viewer))
        {
            await viewer.SeeAsync("Not allowed");
            Assert.Equal(0, await viewer.Page.Locator(".shell-nav a[href='/audit']").CountAsync());
        }

        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(e => e.Actor == "viewer" && e.Action == "access.refuse" && e.Subject == "/audit"));
    }

    [Theory]
    [InlineData(1440, false, "en-US")]
    [InlineData(390, false, "en-US")]
    [InlineData(1440, true, "zh-CN")]
    [InlineData(390, true, "zh-CN")]
    public async Task Page_fits_screens_of_every_size(int width, bool dark, string locale)
    {
        await ChangeAsync($"fits-{width}-{(dark ? "dark" : "light")}");
        await using var tab = await browser.OpenAsync("/audit", look: new BrowserFixture.Look(locale, dark, width));
        await tab.Page.Locator("table.audit details summary").First.ClickAsync();
        Assert.Equal(0, await tab.OverhangAsync());
        if (Environment.GetEnvironmentVariable("DEVOPS_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await tab.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"audit-{width}-{(dark ? "dark" : "light")}.png") });
        }

        Assert.Empty(tab.Troubles);
    }

    private async Task ChangeAsync(string key)
    {
        var draft = Rooms.Draft(key);
        await browser.Services.GetRequiredService<CreateProject>().RunAsync(Rooms.Admin, draft, CancellationToken.None);
        await browser.Services.GetRequiredService<ChangeProject>().RunAsync(Rooms.Admin, draft with { Build = draft.Build with { Image = "node:24" } }, null, CancellationToken.None);
    }
}
