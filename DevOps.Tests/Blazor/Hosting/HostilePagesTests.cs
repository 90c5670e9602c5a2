using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Logs;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Hosting;

/// <summary>What others wrote, shown in a real browser: as text, never as markup. And a browser that sends too much.</summary>
[Collection(BrowserCollection.Name)]
public sealed class HostilePagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task Names_messages_notes_and_log_lines_are_shown_as_they_are_and_run_nothing()
    {
        var id = await SeedAsync();
        await using var tab = await browser.OpenAsync("/projects");
        var pages = new[] { "/projects", "/projects/hostile", "/projects/hostile/releases", "/deployments", $"/deployments/{id.ToString(CultureInfo.InvariantCulture)}", "/audit?subject=hostile" };
        foreach (var page in pages)
        {
            await tab.GoAsync(page);
            await tab.Page.GetByText("window.ran=1").First.WaitForAsync();
            Assert.False(await tab.Page.EvaluateAsync<bool>("() => 'ran' in window"), page);
            Assert.Equal(0, await tab.Page.Locator("main script, main svg[onload], main img[onerror], main a[href^=javascript]").CountAsync());
        }

        Assert.Empty(tab.Troubles);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/account")]
    [InlineData("/deployments")]
    [InlineData("/audit")]
    [InlineData("/nothing-here")]
    public async Task Page_breaks_no_rule_of_its_content_policy(string path)
    {
        await using var tab = await browser.OpenAsync("/projects");
        await tab.Page.GotoAsync(path);
        await tab.Page.Locator("main h1, main .empty").First.WaitForAsync();

        Assert.DoesNotContain(tab.Troubles, t => t.Contains("Content Security Policy", StringComparison.Ordinal));
        Assert.DoesNotContain(tab.Troubles, t => t.StartsWith("script:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Script_that_got_into_a_page_would_not_run()
    {
        await using var tab = await browser.OpenAsync("/projects");
        await tab.Page.EvaluateAsync("() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); }");

        Assert.False(await tab.Page.EvaluateAsync<bool>("() => 'ran' in window"));
        Assert.Contains(tab.Troubles, t => t.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Long_text_in_a_field_is_sent_and_refused_by_the_form()
    {
        await using var tab = await browser.OpenAsync("/projects/new");
        var field = Address(tab);
        await field.FillAsync(new string('a', 100 * 1024));
        await field.BlurAsync();
        await tab.Page.Locator("main .field-faults").First.WaitForAsync();

        await RequireAliveAsync(tab);
    }

    [Fact]
    public async Task Text_that_grew_too_long_for_the_wire_stays_in_its_field_and_the_field_says_so()
    {
        await using var tab = await browser.OpenAsync("/projects/new");
        var field = Address(tab);
        await field.EvaluateAsync("field => { field.value = 'a'.repeat(300 * 1024); field.dispatchEvent(new InputEvent('input', { bubbles: true })); }");
        await field.FocusAsync();
        await field.BlurAsync();

        Assert.Contains("262,144", await FaultAsync(field), StringComparison.Ordinal);
        Assert.Equal(300 * 1024, (await field.InputValueAsync()).Length);
        await RequireAliveAsync(tab);
    }

    [Fact]
    public async Task Ten_megabytes_pasted_into_a_field_do_not_get_there_and_the_field_says_so()
    {
        await using var tab = await browser.OpenAsync("/projects/new");
        await tab.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var field = Address(tab);
        await field.FillAsync("https://git.example/");
        await field.EvaluateAsync("field => navigator.clipboard.writeText('a'.repeat(10 * 1024 * 1024))");
        await field.PressAsync("Control+V");
        Assert.Contains("262,144", await FaultAsync(field), StringComparison.Ordinal);
        Assert.Equal("https://git.example/", await field.InputValueAsync());

        await field.EvaluateAsync("field => navigator.clipboard.writeText('team/shop.git')");
        await field.PressAsync("Control+V");
        Assert.Equal("https://git.example/team/shop.git", await field.InputValueAsync());
        await RequireAliveAsync(tab);
    }

    private static ILocator Address(BrowserTab tab) => tab.Page.GetByPlaceholder("https://git.example/team/shop.git");

    private static Task<string> FaultAsync(ILocator field) => field.EvaluateAsync<string>("field => field.validationMessage");

    private static async Task RequireAliveAsync(BrowserTab tab)
    {
        await Address(tab).FillAsync("https://git.example/team/shop.git");
        Assert.Equal("", await FaultAsync(Address(tab)));
        await tab.FillAsync("Name", "Web shop");
        await Assertions.Expect(tab.Page.GetByLabel("Key").First).ToHaveValueAsync("web-shop");
        Assert.Empty(tab.Troubles);
    }

    private async Task<long> SeedAsync()
    {
        var markup = string.Join(' ', HostileInput.Markup);
        await using var db = await browser.Contexts.CreateDbContextAsync();
        var project = new Project
        {
            Key = "hostile",
            Name = HostileInput.Markup[0] + HostileInput.Markup[1],
            Description = markup,
            Repository = new RepositorySpec { Url = "https://git.example/hostile.git", Branch = "<img/src=x/onerror=window.ran=1>" },
            Build = new BuildSpec { Image = "node:22", Script = ["true"], Artifacts = ["**"] },
            Deploy = new DeploySpec { Path = "/srv/hostile" },
        };
        db.Projects.Add(project);
        await db.SaveChangesAsync();
        var environment = new DeploymentEnvironment { ProjectId = project.Id, Name = "dev", Position = 1 };
        db.Environments.Add(environment);
        db.Releases.Add(new() { ProjectId = project.Id, Number = 1, CommitSha = new string('a', 40), CommitMessage = markup, CommitAuthor = HostileInput.Markup[1], CommitRef = "main", BuildFingerprint = "b", Sha256 = new string('c', 64), BuiltAt = TimeProvider.System.GetUtcNow() });
        await db.SaveChangesAsync();
        var deployment = new Deployment
        {
            ProjectId = project.Id,
            EnvironmentId = environment.Id,
            RequestedBy = HostileInput.Markup[1],
            CommitSha = new string('a', 40),
            CommitMessage = markup,
            CommitAuthor = HostileInput.Markup[1],
            CommitRef = "<img/src=x/onerror=window.ran=1>",
            Note = markup,
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        db.Deployments.Add(deployment);
        browser.Services.GetRequiredService<AuditTrail>().Add(db, Rooms.Platform(HostileInput.Markup[1], Role.Viewer), "test.markup", "hostile", markup);
        await db.SaveChangesAsync();
        await using var log = await browser.Services.GetRequiredService<DeploymentLogs>().OpenAsync(deployment.Id, [], fence: null, CancellationToken.None);
        foreach (var line in HostileInput.Markup)
        {
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes($"\u001b[31m{line}\u001b[0m \u001b]8;;javascript:window.ran=1\u0007link\u001b]8;;\u0007\n"), CancellationToken.None);
        }

        await log.CompleteAsync(CancellationToken.None);
        return deployment.Id;
    }
}
