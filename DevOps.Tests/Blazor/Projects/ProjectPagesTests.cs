using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Projects;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Projects;

[Collection(BrowserCollection.Name)]
public sealed class ProjectPagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task Wizard_makes_a_project_with_its_first_environment()
    {
        browser.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["index.html"] = "hello" });
        await using var tab = await browser.OpenAsync("/projects/new");
        await tab.FillAsync("Name", "Web shop");
        await tab.FillAsync("Repository", "https://git.example/shop.git");
        await tab.PressAsync("Check repository");
        await tab.SeeAsync("branches");
        await tab.PressAsync("Continue");
        await tab.Page.GetByRole(AriaRole.Radio, new PageGetByRoleOptions { Name = "Node.js" }).ClickAsync();
        await Assertions.Expect(tab.Page.GetByLabel("Image")).ToHaveValueAsync("node:22", new LocatorAssertionsToHaveValueOptions { Timeout = BrowserFixture.LimitMs });
        await tab.PressAsync("Continue");
        await tab.FillAsync("Releases kept", "7");
        await tab.PressAsync("Continue");
        await tab.FillAsync("Name", "staging");
        await tab.PressAsync("Create project");
        await tab.ArriveAsync("/projects/web-shop");
        await tab.SeeAsync("staging");

        await using var db = await browser.Contexts.CreateDbContextAsync();
        var project = await db.Projects.SingleAsync(p => p.Key == "web-shop");
        Assert.Equal(["npm ci", "npm run build --if-present", "npm prune --omit=dev"], project.Build.Script);
        Assert.Equal(7, project.Deploy.KeepReleases);
        Assert.Equal(["staging"], await db.Environments.Where(e => e.ProjectId == project.Id).Select(e => e.Name).ToListAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Wizard_shows_faults_at_the_fields_and_keeps_what_was_typed()
    {
        await using var tab = await browser.OpenAsync("/projects/new");
        await tab.FillAsync("Key", "Not A Key");
        await Assertions.Expect(tab.Page.Locator(".field.invalid", new PageLocatorOptions { HasText = "Key" })).ToContainTextAsync("small letters", new LocatorAssertionsToContainTextOptions { Timeout = BrowserFixture.LimitMs });
        await tab.PressAsync("Continue");
        await tab.Page.Locator(".field.invalid", new PageLocatorOptions { HasText = "Repository" }).WaitForAsync();
        Assert.Equal(3, await tab.Page.Locator(".field.invalid").CountAsync());
        Assert.Equal("Not A Key", await tab.Page.GetByLabel("Key", new PageGetByLabelOptions { Exact = true }).InputValueAsync());
        Assert.Equal("Repository", await tab.Page.Locator(".steps [aria-current=step]").InnerTextAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Key_that_is_taken_leads_back_to_its_field()
    {
        await MakeAsync("taken");
        await using var tab = await browser.OpenAsync("/projects/new");
        await tab.FillAsync("Name", "taken");
        await tab.FillAsync("Repository", "https://git.example/shop.git");
        await tab.PressAsync("Continue");
        await tab.Page.Locator(".templates").WaitForAsync();
        await tab.PressAsync("Continue");
        await tab.Page.GetByLabel("Releases kept").WaitForAsync();
        await tab.PressAsync("Continue");
        await tab.PressAsync("Create without an environment");
        await tab.Page.Locator("main [role=alert]").First.WaitForAsync();
        Assert.Equal("Repository", await tab.Page.Locator(".steps [aria-current=step]").InnerTextAsync());
        Assert.Equal("https://git.example/shop.git", await tab.Page.GetByLabel("Repository", new PageGetByLabelOptions { Exact = true }).InputValueAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/releases")]
    [InlineData("/environments")]
    [InlineData("/build")]
    [InlineData("/triggers")]
    [InlineData("/settings")]
    public async Task Tab_has_an_address_and_fits_a_phone(string path)
    {
        await MakeAsync("tabs");
        await using var tab = await browser.OpenAsync("/projects/tabs" + path, look: new BrowserFixture.Look(Width: 360, Height: 740));
        await tab.Page.Locator(".tabs a[aria-current=page]").WaitForAsync();
        Assert.Equal("/projects/tabs" + path, await tab.Page.Locator(".tabs a[aria-current=page]").GetAttributeAsync("href"));
        Assert.Equal(0, await tab.OverhangAsync());
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Permission_for_the_file_is_given_by_a_tick_and_kept_by_the_other_tabs()
    {
        await MakeAsync("filed");
        await using var tab = await browser.OpenAsync("/projects/filed/settings");
        await tab.Page.GetByLabel("Let deploy.yml in the repository decide").CheckAsync();
        await tab.PressAsync("Save");
        await tab.SeeAsync("Saved");
        Assert.True(await AllowedAsync());

        await tab.GoAsync("/projects/filed/build");
        await tab.SeeAsync("The deploy.yml of a commit decides");
        await tab.FillAsync("Releases kept", "9");
        await tab.PressAsync("Save");
        await tab.SeeAsync("Saved");
        Assert.True(await AllowedAsync());
        Assert.Empty(tab.Troubles);

        async Task<bool> AllowedAsync()
        {
            await using var db = await browser.Contexts.CreateDbContextAsync();
            return (await db.Projects.SingleAsync(p => p.Key == "filed")).Repository.AllowDeployFile;
        }
    }

    [Fact]
    public async Task Change_by_someone_else_appears_without_a_reload()
    {
        await MakeAsync("live");
        await using var tab = await browser.OpenAsync("/projects/live");
        await tab.SeeAsync("live");
        var project = await browser.Services.GetRequiredService<ProjectQueries>().GetAsync(Actor.Platform, "live", CancellationToken.None);
        await browser.Services.GetRequiredService<ChangeProject>().RunAsync(Actor.Platform, Draft("live") with { Name = "Renamed meanwhile" }, project.Project.Revision, CancellationToken.None);
        await tab.Page.Locator("h1", new PageLocatorOptions { HasText = "Renamed meanwhile" }).WaitForAsync();
    }

    [Fact]
    public async Task Deleting_asks_to_type_the_key()
    {
        await MakeAsync("gone");
        await using var tab = await browser.OpenAsync("/projects/gone/settings");
        await tab.PressAsync("Delete project");
        var confirm = tab.Page.Locator(".confirm button[type=submit]");
        await Assertions.Expect(confirm).ToBeDisabledAsync(new LocatorAssertionsToBeDisabledOptions { Timeout = BrowserFixture.LimitMs });
        await tab.Page.Locator("#confirm-name").FillAsync("gone");
        await confirm.ClickAsync();
        await tab.ArriveAsync("/projects");
        await using var db = await browser.Contexts.CreateDbContextAsync();
        Assert.False(await db.Projects.AnyAsync(p => p.Key == "gone"));
        Assert.Empty(tab.Troubles);
    }

    private static ProjectDraft Draft(string key) => new()
    {
        Key = key,
        Name = key,
        Repository = new RepositorySpec { Url = "https://git.example/shop.git" },
        Build = ProjectTemplates.All[0].Build,
        Deploy = new DeploySpec { Path = "/srv/{project}" },
    };

    private async Task MakeAsync(string key)
    {
        await using var db = await browser.Contexts.CreateDbContextAsync();
        if (!await db.Projects.AnyAsync(p => p.Key == key))
        {
            await browser.Services.GetRequiredService<CreateProject>().RunAsync(Actor.Platform, Draft(key), CancellationToken.None);
        }
    }
}
