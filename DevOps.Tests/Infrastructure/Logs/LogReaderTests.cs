using System.Text;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Logs;

public sealed class LogReaderTests(PostgresFixture database) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly CancellationToken _never = CancellationToken.None;
    private LogRoom _room = null!;
    private long _deployment;

    public async Task InitializeAsync()
    {
        _room = new LogRoom(database.ConnectionString);
        _deployment = await LogRows.DeploymentAsync(database.DataSource);
        await using var log = await _room.OpenAsync(_deployment);
        await WriteAsync(log, "checkout", null, LogStream.Out, "fetching main");
        await WriteAsync(log, "build", null, LogStream.Out, "0 errors, 0 warnings", "\u001b[31mBas\u001b[0mket compiled");
        await WriteAsync(log, "build", null, LogStream.Err, "deprecated option");
        await WriteAsync(log, "upload", "app-1", LogStream.Out, "basket.js sent");
        await WriteAsync(log, "health", "app-1", LogStream.Out, "asking");
        await WriteAsync(log, "health", "app-1", LogStream.Err, "warming up", "Error: connection refused");
        await log.CompleteAsync(_never);
    }

    public async Task DisposeAsync() => await _room.DisposeAsync();

    [Fact]
    public async Task A_page_is_cut_out_by_number()
    {
        Assert.Equal(["deprecated option", "basket.js sent"], (await _room.Reader.ReadAsync(_deployment, 4, 2, _never)).Select(l => l.Text));
        Assert.Empty(await _room.Reader.ReadAsync(_deployment, 100, 10, _never));
        Assert.Equal(8, await _room.Reader.CountAsync(_deployment, _never));
    }

    [Fact]
    public async Task A_search_finds_visible_text_whatever_its_case_and_its_colours()
    {
        var hits = await _room.Search.FindAsync(_deployment, "BASKET", LogFilter.All, 1, _never);

        Assert.Equal([3L, 5L], hits.Lines);
        Assert.Equal(2, hits.Count);
        Assert.Equal(8, hits.SearchedTo);
        Assert.Null(hits.Next);
    }

    [Fact]
    public async Task A_search_can_be_held_to_a_step_a_server_and_a_first_line()
    {
        Assert.Equal([5L], (await _room.Search.FindAsync(_deployment, "basket", new LogFilter(Server: "app-1"), 1, _never)).Lines);
        Assert.Equal([3L], (await _room.Search.FindAsync(_deployment, "basket", new LogFilter(Step: "build"), 1, _never)).Lines);
        Assert.Equal([5L], (await _room.Search.FindAsync(_deployment, "basket", LogFilter.All, 4, _never)).Lines);
    }

    [Fact]
    public async Task The_text_is_whole_or_of_one_step()
    {
        Assert.StartsWith("fetching main\n0 errors, 0 warnings\n\u001b[31mBas", await TextAsync(LogFilter.All), StringComparison.Ordinal);
        Assert.Equal("basket.js sent\n", await TextAsync(new LogFilter(Step: "upload")));
        Assert.Equal("asking\nwarming up\nError: connection refused\n", await TextAsync(new LogFilter("health", "app-1")));
    }

    [Fact]
    public async Task The_first_error_is_looked_for_in_the_step_that_failed()
    {
        Assert.Null(await _room.Reader.FirstErrorAsync(_deployment, _never));
        await LogRows.ExecuteAsync(database.DataSource, $"""
            INSERT INTO deployment_steps (deployment_id, position, name, server, status, first_line) VALUES
            ({_deployment}, 1, 'build', NULL, 'succeeded', 2), ({_deployment}, 2, 'health', 'app-1', 'failed', 6)
            """);

        Assert.Equal(8, await _room.Reader.FirstErrorAsync(_deployment, _never));
    }

    [Fact]
    public async Task A_log_of_a_run_that_died_is_complete_after_a_while()
    {
        var dead = await LogRows.DeploymentAsync(database.DataSource, "failed");
        Assert.False((await _room.Reader.OpenAsync(LogRoom.Viewer, dead, _never)).Complete);
        await LogRows.ExecuteAsync(database.DataSource, $"UPDATE deployments SET finished_at = now() - interval '1 hour' WHERE id = {dead}");

        Assert.True((await _room.Reader.OpenAsync(LogRoom.Viewer, dead, _never)).Complete);
    }

    [Fact]
    public async Task A_log_is_open_for_as_long_as_a_cancelled_deployment_is_wound_up()
    {
        var cancelled = await LogRows.DeploymentAsync(database.DataSource, "cancelled");
        var job = await LogRows.FenceAsync(database.DataSource);
        await LogRows.ExecuteAsync(database.DataSource, $"UPDATE deployments SET finished_at = now() - interval '1 hour', job_id = {job.Id} WHERE id = {cancelled}");
        Assert.False((await _room.Reader.OpenAsync(LogRoom.Viewer, cancelled, _never)).Complete);
        await LogRows.ExecuteAsync(database.DataSource, $"UPDATE jobs SET state = 'failed', finished_at = now(), leased_by = NULL, leased_until = NULL WHERE id = {job.Id}");

        Assert.True((await _room.Reader.OpenAsync(LogRoom.Viewer, cancelled, _never)).Complete);
    }

    [Fact]
    public void A_chunk_survives_packing()
    {
        var lines = Enumerable.Range(0, 3000)
            .Select(n => new LogLine(n + 41, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + (n * 37 % 501)), n % 3 == 0 ? null : "build", n % 5 == 0 ? "app-1" : null, (LogStream)(n % 3), $"日本 {n} {new string('x', n % 200)}"))
            .ToList();

        var payload = LogChunkFormat.Encode(lines);

        Assert.Equal(lines, LogChunkFormat.Decode(payload, 41, lines.Count));
        Assert.Equal(lines.Skip(2990), LogChunkFormat.Decode(payload, 41, lines.Count, from: 41 + 2990));
    }

    [Fact]
    public void A_chunk_of_another_version_is_refused() =>
        Assert.Throws<InvalidDataException>(() => LogChunkFormat.Decode([9, 0, 0, 0, 0, 0], 1, 1).ToList());

    private async Task<string> TextAsync(LogFilter filter)
    {
        using var text = new MemoryStream();
        await _room.Reader.WriteTextAsync(_deployment, filter, text, _never);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private async Task WriteAsync(DeploymentLog log, string step, string? server, LogStream stream, params string[] lines)
    {
        foreach (var line in lines)
        {
            await log.For(step, server).WriteAsync(stream, LogRoom.Bytes(line + "\n"), _never);
        }
    }
}
