using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Benchmarks;

/// <summary>Ten deployments at once, each with 20,000 lines a second, into the logs of the real application; with nobody looking, and with viewers that stand still or crawl.</summary>
internal static class LogIngest
{
    private const int Deployments = 10;
    private const int LinesPerSecond = 20_000;
    private const int Seconds = 15;
    private const int LinesPerWrite = 200;
    private const string Secret = "s3cr3t-in-every-write";
    private static readonly byte[] Piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, LinesPerWrite)
        .Select(n => string.Create(CultureInfo.InvariantCulture, $"[{n * 37 % 1000:000}] \u001b[32mcompiled\u001b[0m src/module-{n % 977}/file-{n}.ts in {n % 89} ms{(n == 7 ? " with " + Secret : "")}\n"))));

    public static async Task RunAsync(TextWriter output)
    {
        var app = new ApiFixture();
        await app.InitializeAsync();
        try
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Deployments} deployments at once, {LinesPerSecond} lines a second each for {Seconds} s, a secret to hide in every {LinesPerWrite}th line"));
            await output.WriteLineAsync();
            await output.WriteLineAsync("| | seconds | lines/s in all | longest wait of a producer, ms | managed MiB before, peak, after | working set MiB before, peak, after | lost |");
            await output.WriteLineAsync("|---|---|---|---|---|---|---|");
            await OnceAsync(new StringWriter(), app, "", watched: false, seconds: 2);
            await OnceAsync(output, app, "nobody looks", watched: false, Seconds);
            await OnceAsync(output, app, $"{Deployments * 4} viewers: streams and pages, half stand still, half crawl", watched: true, Seconds);
            await output.WriteLineAsync();
        }
        finally
        {
            await ((Xunit.IAsyncLifetime)app).DisposeAsync();
        }
    }

    private static async Task OnceAsync(TextWriter output, ApiFixture app, string name, bool watched, int seconds)
    {
        var ids = new List<long>();
        for (var n = 0; n < Deployments; n++)
        {
            ids.Add(await LogRows.DeploymentAsync(app.Postgres.DataSource));
        }

        await using var memory = new MemoryWatch();
        await using var viewers = watched ? await LogViewers.OpenAsync(app, ids) : null;
        var clock = Stopwatch.StartNew();
        var waits = await Task.WhenAll(ids.Select(id => Task.Run(() => ProduceAsync(app, id, seconds))));
        var took = clock.Elapsed.TotalSeconds;
        var lines = (long)Deployments * LinesPerSecond * seconds;
        var lost = lines - await StoredAsync(app, ids);
        await (viewers?.DisposeAsync() ?? ValueTask.CompletedTask);
        var (managed, whole) = await memory.EndAsync();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {name} | {took:F1} | {lines / took:F0} | {waits.Max().TotalMilliseconds:F0} | {managed} | {whole} | {lost} |"));
        if (lost != 0 || (await app.Services.GetRequiredService<LogReader>().ReadAsync(ids[0], 1, 1000, CancellationToken.None)).Any(l => l.Text.Contains(Secret, StringComparison.Ordinal)))
        {
            throw new InvalidOperationException("Lines were lost, or a secret was told.");
        }
    }

    // Writes when it is time, or as fast as it may when it is late.
    private static async Task<TimeSpan> ProduceAsync(ApiFixture app, long id, int seconds)
    {
        var fence = await LogRows.FenceAsync(app.Postgres.DataSource);
        await using var log = await app.Services.GetRequiredService<DeploymentLogs>().OpenAsync(id, [new Sensitive(Secret)], fence, CancellationToken.None);
        var build = log.For("build", null);
        var longest = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        for (var n = 0; n < seconds * LinesPerSecond / LinesPerWrite; n++)
        {
            var early = TimeSpan.FromSeconds((double)n * LinesPerWrite / LinesPerSecond) - clock.Elapsed;
            if (early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early);
            }

            var began = clock.Elapsed;
            await build.WriteAsync(LogStream.Out, Piece, CancellationToken.None);
            longest = clock.Elapsed - began > longest ? clock.Elapsed - began : longest;
        }

        await log.CompleteAsync(CancellationToken.None);
        return longest;
    }

    // Numbers without a gap: as many lines as the last number says.
    private static async Task<long> StoredAsync(ApiFixture app, List<long> ids)
    {
        await using var count = app.Postgres.DataSource.CreateCommand("SELECT sum(least(n, last))::bigint FROM (SELECT sum(count) AS n, max(first_line + count - 1) AS last FROM log_chunks WHERE deployment_id = ANY ($1) GROUP BY deployment_id) AS logs");
        count.Parameters.AddWithValue(ids.ToArray());
        return await count.ExecuteScalarAsync() as long? ?? 0;
    }
}

/// <summary>Viewers of every deployment: an event stream and a page's view of the end, of which one never reads and one reads a little now and then.</summary>
internal sealed class LogViewers : IAsyncDisposable
{
    private readonly CancellationTokenSource _leave = new();
    private readonly List<Task> _all = [];
    private readonly HttpClient _client;

    private LogViewers(HttpClient client) => _client = client;

    public static async Task<LogViewers> OpenAsync(ApiFixture app, IEnumerable<long> ids)
    {
        var viewers = new LogViewers(await app.AsAsync(Role.Viewer));
        var tail = app.Services.GetRequiredService<LogTail>();
        foreach (var id in ids)
        {
            foreach (var pause in new[] { Timeout.InfiniteTimeSpan, TimeSpan.FromMilliseconds(500) })
            {
                viewers._all.Add(viewers.StreamAsync(id, pause));
                viewers._all.Add(viewers.PageAsync(tail, id, pause));
            }
        }

        return viewers;
    }

    public async ValueTask DisposeAsync()
    {
        await _leave.CancelAsync();
        await Task.WhenAll(_all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
    }

    private async Task StreamAsync(long id, TimeSpan pause)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/deployments/{id}/log");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _leave.Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(_leave.Token);
        var buffer = new byte[4096];
        do
        {
            await Task.Delay(pause, _leave.Token);
        }
        while (await stream.ReadAsync(buffer, _leave.Token) > 0);
    }

    private async Task PageAsync(LogTail tail, long id, TimeSpan pause)
    {
        await foreach (var look in tail.WatchAsync(() => Task.FromResult(LogRoom.Viewer), id, _leave.Token))
        {
            await Task.Delay(pause, _leave.Token);
        }
    }
}
