using System.Net;
using System.Net.Http.Headers;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Hosting;

public sealed class MetricsTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    [Fact]
    public async Task Deployment_shows_in_outcomes_durations_and_lines()
    {
        await platform.DeployAsync(await platform.ProjectAsync());

        var lines = await ReadAsync();

        Assert.Contains("# TYPE devops_deployments_ended_total counter", lines);
        Assert.True(Value(lines, "devops_deployments_ended_total{status=\"succeeded\"}") >= 1);
        Assert.Contains("# TYPE devops_deployment_duration_seconds histogram", lines);
        Assert.True(Value(lines, "devops_deployment_duration_seconds_count{status=\"succeeded\"}") >= 1);
        Assert.Equal(Value(lines, "devops_deployment_duration_seconds_count{status=\"succeeded\"}"), Value(lines, "devops_deployment_duration_seconds_bucket{status=\"succeeded\",le=\"+Inf\"}"));
        Assert.True(Value(lines, "devops_log_lines_total") > 0);
        Assert.Equal(1, Value(lines, "devops_database_up"));
        Assert.Contains(lines, l => l.StartsWith("devops_deployments{status=\"queued\"}", StringComparison.Ordinal));
        Assert.True(Value(lines, "process_resident_memory_bytes") > 0);
    }

    [Fact]
    public async Task Text_has_each_name_once_and_no_name_of_a_project()
    {
        var project = await platform.ProjectAsync();
        await platform.DeployAsync(project);

        var lines = await ReadAsync();

        var types = lines.Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]).ToList();
        Assert.Equal(types.Distinct(StringComparer.Ordinal), types);
        Assert.DoesNotContain(lines, l => l.Contains(project.Key, StringComparison.Ordinal));
        Assert.All(lines.Where(l => l.Length > 0 && l[0] != '#'), l => Assert.Matches("""^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [-0-9.e+E]+$""", l));
    }

    [Fact]
    public async Task Webhook_answers_are_counted_by_provider_and_code_with_few_values()
    {
        using var client = platform.Anonymous();
        await client.PostAsync("/webhooks/somebody-made-this-up/shop", content: null);

        Assert.Contains(await ReadAsync(), l => l.StartsWith("devops_webhook_answers_total{code=\"", StringComparison.Ordinal) && l.Contains("provider=\"other\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Token_closes_the_page_for_who_does_not_have_it()
    {
        await using var app = new RoomsApi { More = new Dictionary<string, string>(StringComparer.Ordinal) { ["Metrics:Token"] = "only-for-prometheus" } };
        await app.InitializeAsync();
        using var client = app.Anonymous();

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/metrics")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "only-for-prometheus");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/metrics")).StatusCode);
    }

    private static double Value(IEnumerable<string> lines, string series) =>
        double.Parse(lines.Single(l => l.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string[]> ReadAsync()
    {
        using var client = platform.Anonymous();
        var answer = await client.GetAsync("/metrics");
        Assert.Equal("text/plain", answer.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
        return (await answer.Content.ReadAsStringAsync()).Split('\n');
    }
}
