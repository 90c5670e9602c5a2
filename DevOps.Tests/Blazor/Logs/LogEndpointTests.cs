using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Logs;

public sealed class LogEndpointTests(ApiFixture app) : IClassFixture<ApiFixture>, IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));
    private HttpClient _viewer = null!;
    private long _deployment;

    public async Task InitializeAsync()
    {
        _viewer = await app.AsAsync(Role.Viewer);
        _deployment = await LogRows.DeploymentAsync(app.Postgres.DataSource);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _limit.Dispose();
        _viewer.Dispose();
    }

    [Fact]
    public async Task Without_an_accept_header_the_whole_text_is_sent()
    {
        await CompleteAsync(3);

        var answer = await _viewer.GetAsync(Url());

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Null(answer.Content.Headers.ContentDisposition);
        Assert.Equal("line 1\nline 2\nline 3\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_download_is_named_after_the_deployment_and_the_step()
    {
        await CompleteAsync(3);

        var answer = await _viewer.GetAsync(Url("?download=1&step=build"));

        Assert.Equal($"attachment; filename=\"deployment-{_deployment}-build.log\"", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal("line 1\nline 2\nline 3\n", await answer.Content.ReadAsStringAsync());
        Assert.Equal("", await _viewer.GetStringAsync(Url("?server=app-1")));
    }

    [Fact]
    public async Task A_page_has_lines_total_and_completeness()
    {
        await CompleteAsync(25);

        var page = await GetJsonAsync("?from=11&count=2");

        Assert.Equal(25, page.GetProperty("total").GetInt64());
        Assert.True(page.GetProperty("complete").GetBoolean());
        Assert.Equal(["line 11", "line 12"], page.GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("text").GetString()));
        var line = page.GetProperty("lines")[0];
        Assert.Equal(11, line.GetProperty("n").GetInt64());
        Assert.Equal("build", line.GetProperty("step").GetString());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("server").ValueKind);
        Assert.Equal("out", line.GetProperty("stream").GetString());
        Assert.EndsWith("Z", line.GetProperty("at").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?from=0", "from")]
    [InlineData("?count=0", "count")]
    [InlineData("?count=10001", "count")]
    public async Task A_number_out_of_bounds_is_refused_by_name(string query, string field)
    {
        var answer = await _viewer.GetAsync(Url(query));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task Who_may_not_see_the_project_finds_nothing()
    {
        using var stranger = await app.AsAsync(Role.None);

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(Url())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _viewer.GetAsync("/api/v1/deployments/987654321/log")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Anonymous().GetAsync(Url())).StatusCode);
    }

    [Fact]
    public async Task A_stream_brings_lines_as_they_come_then_the_status_and_the_end()
    {
        await using var log = await OpenAsync();
        await WriteAsync(log, 1, 5);
        using var stream = await EventsAsync();
        var events = await ReadAsync(stream, until: e => e.Id == 5);
        await WriteAsync(log, 6, 10);
        await log.CompleteAsync(_limit.Token);
        events.AddRange(await ReadAsync(stream, until: e => e.Id == 10));
        await FinishAsync();
        events.AddRange(await ReadAsync(stream, until: e => string.Equals(e.Name, "end", StringComparison.Ordinal)));

        Assert.Equal(Enumerable.Range(1, 10).Select(n => $"line {n}"), Lines(events).Select(l => l.GetProperty("text").GetString()));
        Assert.Equal(["running", "succeeded"], events.Where(e => string.Equals(e.Name, "status", StringComparison.Ordinal)).Select(e => e.Data.GetProperty("status").GetString()));
        Assert.Equal("end", events[^1].Name);
        Assert.Null(await stream.ReadLineAsync(_limit.Token));
    }

    [Fact]
    public async Task A_stream_that_broke_off_goes_on_without_loss_or_repeat()
    {
        await using var log = await OpenAsync();
        await WriteAsync(log, 1, 1000);
        List<Event> events;
        using (var first = await EventsAsync())
        {
            events = await ReadAsync(first, until: e => e.Id == 377);
        }

        using var second = await EventsAsync(lastEventId: "377");
        await WriteAsync(log, 1001, 1500);
        events.AddRange(await ReadAsync(second, until: e => e.Id == 1500));

        Assert.Equal(Enumerable.Range(1, 1500), Lines(events).Select(l => l.GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task A_last_event_id_that_is_no_number_is_refused()
    {
        using var request = Request("text/event-stream");
        request.Headers.Add("Last-Event-ID", "abc");

        Assert.Equal(HttpStatusCode.BadRequest, (await _viewer.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_receiver_that_does_not_read_holds_up_nobody()
    {
        using var idle = await EventsAsync();
        await using var log = await OpenAsync();

        await WriteAsync(log, 1, 100_000);
        await log.CompleteAsync(_limit.Token);

        using var other = await EventsAsync();
        Assert.Equal(100_000, Lines(await ReadAsync(other, until: e => e.Id == 100_000)).Count());
    }

    private static IEnumerable<JsonElement> Lines(IEnumerable<Event> events) =>
        events.Where(e => string.Equals(e.Name, "line", StringComparison.Ordinal)).Select(e => e.Data);

    private string Url(string query = "") => $"/api/v1/deployments/{_deployment}/log{query}";

    private Task<DeploymentLog> OpenAsync() =>
        app.Services.GetRequiredService<DeploymentLogs>().OpenAsync(_deployment, [], fence: null, _limit.Token);

    private async Task CompleteAsync(int lines)
    {
        await using var log = await OpenAsync();
        await WriteAsync(log, 1, lines);
        await log.CompleteAsync(_limit.Token);
    }

    private async Task WriteAsync(DeploymentLog log, int from, int to)
    {
        for (var n = from; n <= to; n++)
        {
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes($"line {n}\n"), _limit.Token);
        }
    }

    private async Task FinishAsync()
    {
        await LogRows.ExecuteAsync(app.Postgres.DataSource, $"UPDATE deployments SET status = 'succeeded', finished_at = now() WHERE id = {_deployment}");
        app.Services.GetRequiredService<ChangeFeed>().Publish(new Change(ChangeKind.Deployment, _deployment));
    }

    private async Task<JsonElement> GetJsonAsync(string query)
    {
        using var request = Request("application/json", query);
        var answer = await _viewer.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private HttpRequestMessage Request(string accept, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Url(query));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return request;
    }

    private async Task<StreamReader> EventsAsync(string? lastEventId = null)
    {
        using var request = Request("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var answer = await _viewer.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _limit.Token);
        Assert.Equal("text/event-stream", answer.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
        return new StreamReader(await answer.Content.ReadAsStreamAsync(_limit.Token));
    }

    private async Task<List<Event>> ReadAsync(StreamReader stream, Func<Event, bool> until)
    {
        var events = new List<Event>();
        var current = new Event(null, "", default);
        while (await stream.ReadLineAsync(_limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                current = current with { Id = long.Parse(line[4..]) };
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                current = current with { Name = line[7..] };
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                current = current with { Data = JsonDocument.Parse(line[6..]).RootElement };
            }
            else if (line.Length == 0 && current.Name.Length > 0)
            {
                events.Add(current);
                if (until(current))
                {
                    return events;
                }

                current = new Event(null, "", default);
            }
        }

        throw new EndOfStreamException($"The stream ended after {events.Count} events.");
    }

    private sealed record Event(long? Id, string Name, JsonElement Data);
}
