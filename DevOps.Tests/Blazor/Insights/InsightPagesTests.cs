using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DevOps.Tests.Blazor.Insights;

/// <summary>The first page and the figures, over HTTP and in a browser, after real deployments onto servers in memory.</summary>
public sealed class InsightPagesTests(WorkingBrowser browser) : IClassFixture<WorkingBrowser>
{
    [Fact]
    public async Task Figures_over_http_bear_the_contracts_names()
    {
        var project = await browser.Platform.ProjectAsync();
        await browser.Platform.DeployAsync(project);
        using var client = await browser.Platform.AsAsync(Role.Viewer);

        var answer = await client.GetFromJsonAsync<JsonElement>($"/api/v1/insights?project={project.Key}&environment=dev");

        Assert.Equal(
            ["changeFailureRate", "days", "deploymentFrequency", "deployments", "duration", "from", "leadTime", "queueTime", "steps", "timeToRestore", "to"],
            answer.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal((1, 0.0), (answer.GetProperty("deployments").GetProperty("succeeded").GetInt32(), answer.GetProperty("changeFailureRate").GetDouble()));
        Assert.Equal("checkout", answer.GetProperty("steps")[0].GetProperty("name").GetString());
        Assert.Equal(31, answer.GetProperty("days").GetArrayLength());
        using var refused = await client.GetAsync("/api/v1/insights?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task First_page_follows_a_deployment_and_deploys()
    {
        var project = await browser.Platform.ProjectAsync();
        var held = browser.Platform.Hosts[project.Servers[0]].Hold(c => c.Script.StartsWith("restart", StringComparison.Ordinal));
        await using var tab = await browser.OpenAsync("/");
        var row = tab.Page.Locator(".matrix tr", new() { HasText = project.Key });
        await row.GetByRole(AriaRole.Button, new() { Name = "Deploy to dev" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Deploy to dev" }).ClickAsync();
        await tab.ArriveAsync(@"/deployments/\d+");
        await held.Started;

        await tab.Page.GotoAsync("/");
        await tab.Page.Locator(".now li", new() { HasText = project.Key }).WaitForAsync();
        held.Release();
        await tab.Page.Locator(".matrix tr", new() { HasText = project.Key }).Locator(".badge.tone-good").WaitForAsync();

        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task First_page_shows_a_deployment_that_waits_on_its_way_as_paused_and_to_whom_it_concerns()
    {
        var project = await browser.Platform.ProjectAsync(2, d => d with { Rolling = new RollingSpec { Batch = "1", ConfirmAfterFirst = true } });
        var id = await browser.Platform.RequestAsync(project);
        await browser.Platform.WaitAsync(id, d => d.Pause == RolloutPause.Confirmation);
        await using (var deployer = await browser.OpenAsync("/", Role.Deployer))
        {
            var line = deployer.Page.Locator(".now li", new() { HasText = project.Key });
            await Assertions.Expect(line).ToContainTextAsync("Paused");
            await Assertions.Expect(line).ToContainTextAsync("waits for confirmation after the first server");
            Assert.Equal(0, await line.Locator(".track, .spin").CountAsync());
            await deployer.Page.Locator(".matrix tr", new() { HasText = project.Key }).Locator(".badge.tone-warn").WaitForAsync();
            await Assertions.Expect(deployer.Page.GetByText("to decide")).ToHaveCountAsync(1);
            await line.GetByText("Review").ClickAsync();
            await Assertions.Expect(deployer.Page.Locator("header .badge").First).ToContainTextAsync("Paused");
            Assert.Empty(deployer.Troubles);
        }

        await using var viewer = await browser.OpenAsync("/", Role.Viewer);
        var seen = viewer.Page.Locator(".now li", new() { HasText = project.Key });
        await Assertions.Expect(seen).ToContainTextAsync("Paused");
        Assert.Equal(0, await seen.GetByText("Review").CountAsync());
        await browser.Platform.Services.GetRequiredService<ContinueDeployment>().RunAsync(Actor.Platform, id, ContinueAction.Continue, null, CancellationToken.None);
        await Assertions.Expect(seen).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Figures_are_drawn_and_an_empty_span_says_so()
    {
        var project = await browser.Platform.ProjectAsync();
        await using var tab = await browser.OpenAsync($"/insights?project={project.Key}");
        await tab.SeeAsync("No deployment ended in this time");

        await browser.Platform.DeployAsync(project);

        await tab.Page.Locator(".rz-chart svg").First.WaitForAsync();
        await tab.SeeAsync("1 succeeded");
        Assert.Empty(tab.Troubles);
    }
}
