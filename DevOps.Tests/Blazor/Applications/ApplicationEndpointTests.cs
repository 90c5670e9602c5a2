using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Applications;

public sealed class ApplicationEndpointTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    [Fact]
    public async Task List_answers_the_contracts_fields_and_narrows()
    {
        var project = await DeployedAsync();
        using var client = await platform.AsAsync(Role.Viewer);

        var list = await client.GetFromJsonAsync<JsonElement>($"/api/v1/applications?project={project.Key}&environment=dev&server={project.Servers[0]}");

        var one = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal(
            ["activatedAt", "commit", "drift", "environment", "health", "observedAt", "observedRelease", "previousReleases", "project", "release", "server"],
            one.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal((project.Key, "notChecked", false), (one.GetProperty("project").GetString(), one.GetProperty("health").GetString(), one.GetProperty("drift").GetBoolean()));
        Assert.Equal(0, (await client.GetFromJsonAsync<JsonElement>($"/api/v1/applications?project={project.Key}&environment=production")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("restart", Role.Deployer, HttpStatusCode.OK)]
    [InlineData("restart", Role.Viewer, HttpStatusCode.Forbidden)]
    [InlineData("start", Role.Deployer, HttpStatusCode.Conflict)]
    [InlineData("explode", Role.Deployer, HttpStatusCode.BadRequest)]
    public async Task Control_answers_by_action_and_role(string action, Role role, HttpStatusCode expected)
    {
        var project = await DeployedAsync();
        using var client = await platform.AsAsync(role);

        using var answer = await client.PostAsJsonAsync($"/api/v1/applications/{project.Key}/dev/{project.Servers[0]}/control", new { action });

        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.OK)
        {
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(("restart", 0), (body.GetProperty("action").GetString(), body.GetProperty("exitCode").GetInt32()));
        }
    }

    [Fact]
    public async Task Application_that_is_not_there_is_not_found()
    {
        using var client = await platform.AsAsync(Role.Admin);

        using var control = await client.PostAsJsonAsync("/api/v1/applications/none/dev/none/control", new { action = "stop" });
        using var log = await client.GetAsync("/api/v1/applications/none/dev/none/log");
        using var one = await client.GetAsync("/api/v1/applications/none/dev/none");

        Assert.All([control, log, one], a => Assert.Equal(HttpStatusCode.NotFound, a.StatusCode));
    }

    [Fact]
    public async Task Log_is_a_stream_of_lines_that_ends_with_the_command()
    {
        var project = await DeployedAsync(new ControlSpec { Log = "tail shop" });
        platform.Hosts[project.Servers[0]].Exit(c => c.Script.StartsWith("tail", StringComparison.Ordinal), 0, "one\ntwo\n", "oops\n");
        using var client = await platform.AsAsync(Role.Viewer);

        var stream = await client.GetStringAsync($"/api/v1/applications/{project.Key}/dev/{project.Servers[0]}/log");

        Assert.Contains("id: 1\nevent: line\ndata: {\"n\":1,", stream, StringComparison.Ordinal);
        Assert.Contains("\"stream\":\"err\",\"text\":\"oops\"", stream, StringComparison.Ordinal);
        Assert.EndsWith("event: end\ndata: {}\n\n", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_on_the_server_ends_with_the_client()
    {
        var project = await DeployedAsync(new ControlSpec { Log = "tail shop" });
        var held = platform.Hosts[project.Servers[0]].Hold(c => c.Script.StartsWith("tail", StringComparison.Ordinal));
        using var client = await platform.AsAsync(Role.Viewer);
        using var response = await client.GetAsync($"/api/v1/applications/{project.Key}/dev/{project.Servers[0]}/log", HttpCompletionOption.ResponseHeadersRead);
        await held.Started;

        response.Dispose();

        await held.Cancelled.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task<TestProject> DeployedAsync(ControlSpec? control = null)
    {
        var project = await platform.ProjectAsync(deploy: d => d with { Control = control ?? new ControlSpec() });
        await platform.DeployAsync(project);
        return project;
    }
}
