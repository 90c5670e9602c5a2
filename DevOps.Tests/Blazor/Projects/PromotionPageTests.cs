using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Projects;

/// <summary>From one environment to the next by button, and past a freeze, in a browser on the working application.</summary>
public sealed class PromotionPageTests(WorkingBrowser browser) : IClassFixture<WorkingBrowser>
{
    [Fact]
    public async Task Release_that_ran_in_one_environment_is_promoted_to_the_next_by_its_button()
    {
        var project = await browser.Platform.ProjectAsync();
        await browser.Platform.AddEnvironmentAsync(project, "live", e => e.PromoteFrom = "dev");
        await using (var viewer = await browser.OpenAsync($"/projects/{project.Key}", Role.Viewer))
        {
            await viewer.Page.GetByRole(AriaRole.Region, new() { Name = "live" }).WaitForAsync();
            Assert.Equal(0, await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Promote" }).CountAsync());
        }

        await using var tab = await browser.OpenAsync($"/projects/{project.Key}", Role.Deployer);
        var live = tab.Page.GetByRole(AriaRole.Region, new() { Name = "live" });
        await live.WaitForAsync();
        Assert.Equal(0, await live.GetByRole(AriaRole.Button).CountAsync());

        // The button appears by itself once there is something to promote.
        var tried = await browser.Platform.DeployAsync(project);
        await live.GetByRole(AriaRole.Button, new() { Name = $"Promote release {tried.Release}" }).ClickAsync();
        var dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync($"Release {tried.Release} is deployed");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "live" }).ClickAsync();
        await tab.ArriveAsync(@"/deployments/\d+");

        var id = long.Parse(tab.Page.Url.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        var done = await browser.Platform.WaitAsync(id, d => d.Status.IsFinal());
        Assert.Equal((DeploymentStatus.Succeeded, Trigger.Promotion, "live", tried.Release, "deployer"), (done.Status, done.Trigger, done.Environment, done.Release, done.RequestedBy));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Way_back_in_a_freeze_asks_an_administrator_whether_it_shall_go_all_the_same()
    {
        var project = await browser.Platform.ProjectAsync();
        var first = await browser.Platform.DeployAsync(project);
        browser.Platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Next");
        var second = await browser.Platform.DeployAsync(project);
        await browser.Platform.ChangeAsync(project, e => e.Freezes = [new Freeze { From = DateTimeOffset.UtcNow.AddHours(-1), To = DateTimeOffset.UtcNow.AddHours(1) }]);
        await using var tab = await browser.OpenAsync($"/deployments/{second.Id}");

        await tab.PressAsync("Roll back to");
        await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Roll back to" }).ClickAsync();
        await tab.SeeAsync("in spite of the freeze?");
        await tab.PressAsync("Deploy all the same");
        await tab.ArriveAsync($@"/deployments/(?!{second.Id}$)\d+");

        await using var db = await browser.Platform.Contexts.CreateDbContextAsync();
        var back = await db.Deployments.AsNoTracking().OrderByDescending(d => d.Id).FirstAsync(d => d.ProjectId == project.Id);
        Assert.Equal((Trigger.Rollback, true, first.Release), (back.Trigger, back.OverrideFreeze, back.Release));
        Assert.Empty(tab.Troubles);
    }
}
