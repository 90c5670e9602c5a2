using System.Text;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Logs;

public sealed class DeploymentLogTests(PostgresFixture database) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly CancellationToken _never = CancellationToken.None;
    private LogRoom _room = null!;
    private long _deployment;

    public async Task InitializeAsync()
    {
        _room = new LogRoom(database.ConnectionString);
        _deployment = await LogRows.DeploymentAsync(database.DataSource);
    }

    public async Task DisposeAsync() => await _room.DisposeAsync();

    [Fact]
    public async Task Lines_carry_number_step_server_stream_and_time()
    {
        await using (var log = await _room.OpenAsync(_deployment))
        {
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes("one\n"), _never);
            await log.For("upload", "app-1").WriteAsync(LogStream.Err, LogRoom.Bytes("two\n"), _never);
            await log.For(null, null).SayAsync("three\nfour", _never);
            await log.CompleteAsync(_never);
        }

        var lines = await _room.Reader.ReadAsync(_deployment, 1, 100, _never);

        Assert.Equal(
            [(1L, "build", null, LogStream.Out, "one"), (2L, "upload", "app-1", LogStream.Err, "two"), (3L, null, null, LogStream.System, "three"), (4L, null, null, LogStream.System, "four")],
            lines.Select(l => (l.N, l.Step, l.Server, l.Stream, l.Text)));
        Assert.All(lines, l => Assert.InRange(DateTimeOffset.UtcNow - l.At, TimeSpan.Zero, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Two_hundred_thousand_lines_are_stored_in_order_and_none_is_lost()
    {
        const int Lines = 200_000;
        await using (var log = await _room.OpenAsync(_deployment))
        {
            var output = log.For("build", null);
            var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, Lines).Select(n => $"line {n} of the build\n")));
            for (var at = 0; at < text.Length; at += 4093)
            {
                await output.WriteAsync(LogStream.Out, text.AsMemory(at, Math.Min(4093, text.Length - at)), _never);
            }

            Assert.Equal(Lines + 1, log.NextLine);
            await log.CompleteAsync(_never);
        }

        var expected = 1L;
        await foreach (var line in _room.Reader.AllAsync(_deployment, LogFilter.All, 1, _never))
        {
            Assert.Equal(expected, line.N);
            Assert.Equal($"line {expected} of the build", line.Text);
            expected++;
        }

        Assert.Equal(Lines + 1, expected);
        Assert.Equal([99_999L, 100_000L, 100_001L], (await _room.Reader.ReadAsync(_deployment, 99_999, 3, _never)).Select(l => l.N));
    }

    [Fact]
    public async Task Several_servers_writing_at_once_keep_their_own_order()
    {
        await using (var log = await _room.OpenAsync(_deployment))
        {
            await Task.WhenAll(Enumerable.Range(1, 8).Select(async server =>
            {
                var output = log.For("upload", $"app-{server}");
                for (var n = 0; n < 500; n++)
                {
                    await output.WriteAsync(LogStream.Out, LogRoom.Bytes($"{n}\n"), _never);
                }
            }));
            await log.CompleteAsync(_never);
        }

        var lines = await _room.Reader.ReadAsync(_deployment, 1, 10_000, _never);

        Assert.Equal(Enumerable.Range(1, 4000).Select(n => (long)n), lines.Select(l => l.N));
        Assert.All(lines.GroupBy(l => l.Server), g => Assert.Equal(Enumerable.Range(0, 500).Select(n => $"{n}"), g.Select(l => l.Text)));
    }

    [Fact]
    public async Task A_secret_is_stored_in_no_spelling_wherever_the_chunks_end()
    {
        const string Secret = "tok-9f8e7d6c5b4a/+";
        var text = Encoding.UTF8.GetBytes($"a {Secret} b {Uri.EscapeDataString(Secret)} c {Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret))} d\n");
        await using (var log = await _room.OpenAsync(_deployment, null, Secret))
        {
            var output = log.For("build", null);
            for (var cut = 0; cut <= text.Length; cut++)
            {
                await output.WriteAsync(LogStream.Out, text.AsMemory(0, cut), _never);
                await output.WriteAsync(LogStream.Out, text.AsMemory(cut), _never);
            }

            await output.SayAsync($"the value is {Secret}", _never);
            Assert.Equal("error: ***", log.Mask($"error: {Secret}"));
            await log.CompleteAsync(_never);
        }

        var lines = await _room.TextsAsync(_deployment);

        Assert.All(lines.SkipLast(1), l => Assert.Equal("a *** b *** c *** d", l));
        Assert.Equal("the value is ***", lines[^1]);
    }

    [Fact]
    public async Task A_line_without_end_is_stored_by_a_flush()
    {
        await using var log = await _room.OpenAsync(_deployment);
        await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes("no end"), _never);

        await log.FlushAsync(_never);

        Assert.Equal(["no end"], await _room.TextsAsync(_deployment));
    }

    [Fact]
    public async Task A_second_attempt_goes_on_after_the_last_stored_line()
    {
        var first = await LogRows.FenceAsync(database.DataSource);
        await using (var log = await _room.OpenAsync(_deployment, first))
        {
            await log.For("build", null).SayAsync("one\ntwo", _never);
            await log.FlushAsync(_never);
        }

        var second = await LogRows.TakeOverAsync(database.DataSource, first, "worker-2");
        await using (var log = await _room.OpenAsync(_deployment, second))
        {
            Assert.Equal(3, log.NextLine);
            await log.For("build", null).SayAsync("three", _never);
            await log.CompleteAsync(_never);
        }

        Assert.Equal(["one", "two", "three"], await _room.TextsAsync(_deployment));
    }

    [Fact]
    public async Task Who_lost_the_job_writes_nothing_more()
    {
        var fence = await LogRows.FenceAsync(database.DataSource);
        await using var log = await _room.OpenAsync(_deployment, fence);
        await log.For("build", null).SayAsync("mine", _never);
        await log.FlushAsync(_never);
        await LogRows.TakeOverAsync(database.DataSource, fence, "worker-2");

        await log.For("build", null).SayAsync("late", _never);

        await Assert.ThrowsAsync<LogFenceLost>(() => log.FlushAsync(_never));
        await Assert.ThrowsAsync<LogFenceLost>(() => log.For("build", null).SayAsync("later", _never).AsTask());
        await Assert.ThrowsAsync<LogFenceLost>(() => log.CompleteAsync(_never));
        Assert.Equal(["mine"], await _room.TextsAsync(_deployment));
    }

    [Fact]
    public async Task A_log_at_its_limit_says_so_once_and_keeps_the_rest_away()
    {
        await using var small = new LogRoom(database.ConnectionString, new LogOptions { MaxBytes = 1024 * 1024 });
        await using (var log = await small.OpenAsync(_deployment))
        {
            for (var n = 0; n < 3000; n++)
            {
                await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes(new string('x', 999) + "\n"), _never);
            }

            await log.For("build", null).SayAsync("the build failed", _never);
            await log.CompleteAsync(_never);
        }

        var lines = await _room.TextsAsync(_deployment);

        Assert.Equal(1048 + 2, lines.Count);
        Assert.Single(lines, l => l.Contains("limit of 1 MiB", StringComparison.Ordinal));
        Assert.Equal("the build failed", lines[^1]);
    }

    [Fact]
    public async Task A_log_whose_deployment_is_gone_ends_with_an_error()
    {
        await using var log = await _room.OpenAsync(_deployment);
        await LogRows.ExecuteAsync(database.DataSource, $"DELETE FROM deployments WHERE id = {_deployment}");
        await log.For("build", null).SayAsync("lost", _never);

        await Assert.ThrowsAnyAsync<Exception>(() => log.FlushAsync(_never));
    }
}
