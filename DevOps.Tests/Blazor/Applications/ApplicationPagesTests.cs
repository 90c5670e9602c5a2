using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Applications;

/// <summary>Pages on the real application with its worker, after a real deployment onto servers in memory.</summary>
public sealed class ApplicationPagesTests(WorkingBrowser browser) : IClassFixture<WorkingBrowser>
{
    [Fact]
    public async Task List_follows_a_deployment_and_stops_what_runs_after_asking()
    {
        var project = await browser.Platform.ProjectAsync(deploy: d => d with { Control = new ControlSpec { Stop = "stop shop" } });
        var server = project.Servers[0];
        browser.Platform.Hosts[server].Exit(c => string.Equals(c.Script, "stop shop", StringComparison.Ordinal), 0, "\u001b[31mstopped\u001b[0m <b>shop</b>\n");
        await using var tab = await browser.OpenAsync($"/applications?project={project.Key}");
        await tab.SeeAsync("Nothing matches");

        await browser.Platform.DeployAsync(project);
        await tab.Page.GetByText($"{project.Key} → dev").WaitForAsync();
        await tab.PressAsync("Stop");
        await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await tab.SeeAsync("Ended with exit code 0");

        Assert.Equal("stopped <b>shop</b>", (await tab.Page.Locator("pre.output").InnerTextAsync()).Trim());
        Assert.Contains("stop shop", browser.Platform.Hosts[server].Scripts);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Page_follows_the_runtime_log_and_ends_the_command_when_it_is_left()
    {
        var project = await browser.Platform.ProjectAsync(deploy: d => d with { Control = new ControlSpec { Log = "tail shop" } });
        await browser.Platform.DeployAsync(project);
        var host = browser.Platform.Hosts[project.Servers[0]];
        host.Exit(c => string.Equals(c.Script, "tail shop", StringComparison.Ordinal), 0, "first line\nlast line\n");
        await using var tab = await browser.OpenAsync($"/applications/{project.Key}/dev/{project.Servers[0]}?log=true");
        await tab.SeeAsync("last line");
        await tab.SeeAsync("The command ended with exit code 0.");

        var held = host.Hold(c => string.Equals(c.Script, "tail shop", StringComparison.Ordinal));
        await tab.PressAsync("Follow the log");
        await held.Started;
        await tab.GoAsync("/projects");

        await held.Cancelled.WaitAsync(TimeSpan.FromMilliseconds(BrowserFixture.LimitMs));
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task Viewer_sees_no_buttons_and_drift_is_said()
    {
        var project = await browser.Platform.ProjectAsync();
        var deployed = await browser.Platform.DeployAsync(project);
        await using (var db = await browser.Platform.Contexts.CreateDbContextAsync())
        {
            var row = db.Applications.Single(a => a.EnvironmentId == project.EnvironmentId);
            (row.ObservedRelease, row.ObservedAt) = (4711, row.ActivatedAt.AddMinutes(1));
            await db.SaveChangesAsync();
        }

        await using var tab = await browser.OpenAsync($"/applications/{project.Key}/dev/{project.Servers[0]}", Role.Viewer);
        await tab.SeeAsync("The server runs something else");
        await tab.SeeAsync($"Release {deployed.Release} was deployed, but the server says that release 4711 is current.");

        Assert.Equal(0, await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Restart" }).CountAsync());
        Assert.Empty(tab.Troubles);
    }
}
