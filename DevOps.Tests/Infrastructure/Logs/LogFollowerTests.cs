using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Logs;

public sealed class LogFollowerTests(PostgresFixture database) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly LogOptions NoPoll = new() { SlowPoll = TimeSpan.FromHours(1) };

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private LogRoom _writer = null!;
    private LogRoom _other = null!;
    private long _deployment;

    public async Task InitializeAsync()
    {
        _writer = new LogRoom(database.ConnectionString, NoPoll);
        _other = new LogRoom(database.ConnectionString, NoPoll);
        await _writer.StartSignalsAsync();
        await _other.StartSignalsAsync();
        _deployment = await LogRows.DeploymentAsync(database.DataSource);
    }

    public async Task DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _other.DisposeAsync();
        _limit.Dispose();
    }

    [Fact]
    public async Task Followers_in_the_same_and_another_process_see_every_line_once()
    {
        const int Lines = 20_000;
        await using var log = await _writer.OpenAsync(_deployment);
        await WriteAsync(log, 1, 500);
        await log.FlushAsync(_limit.Token);
        var here = CollectAsync(_writer, 1);
        var there = CollectAsync(_other, 1);
        var late = CollectAsync(_other, 400);

        await WriteAsync(log, 501, Lines);
        await log.CompleteAsync(_limit.Token);

        Assert.Equal(Numbers(1, Lines), await here);
        Assert.Equal(Numbers(1, Lines), await there);
        Assert.Equal(Numbers(400, Lines), await late);
    }

    [Fact]
    public async Task A_slow_follower_gets_everything_and_holds_nobody_up()
    {
        await using var log = await _writer.OpenAsync(_deployment);
        var gate = new TaskCompletionSource();
        var slow = Task.Run(async () =>
        {
            var seen = new List<long>();
            await foreach (var batch in _writer.Follower.FollowAsync(LogRoom.Viewer, _deployment, 1, _limit.Token))
            {
                seen.AddRange(batch.Lines.Select(l => l.N));
                await gate.Task;
            }

            return seen;
        });

        for (var n = 0; n < 40; n++)
        {
            await WriteAsync(log, (n * 10) + 1, (n * 10) + 10);
            await log.FlushAsync(_limit.Token);
        }

        await log.CompleteAsync(_limit.Token);
        gate.SetResult();

        Assert.Equal(Numbers(1, 400), await slow);
    }

    [Fact]
    public async Task Without_any_word_the_slow_poll_finds_the_lines()
    {
        await using var deaf = new LogRoom(database.ConnectionString, new LogOptions { SlowPoll = TimeSpan.FromMilliseconds(50) });
        await using var log = await _writer.OpenAsync(_deployment);
        var follower = CollectAsync(deaf, 1);
        await WriteAsync(log, 1, 100);
        await log.CompleteAsync(_limit.Token);

        Assert.Equal(Numbers(1, 100), await follower);
    }

    [Fact]
    public async Task Who_may_not_see_the_project_sees_no_log()
    {
        var stranger = new Actor("stranger", Role.None, new Dictionary<long, Role>());

        await Assert.ThrowsAsync<NotFound>(async () =>
        {
            await foreach (var batch in _writer.Follower.FollowAsync(stranger, _deployment, 1, _limit.Token))
            {
                Assert.Fail($"got {batch}");
            }
        });
    }

    private async Task WriteAsync(DeploymentLog log, int from, int to)
    {
        var output = log.For("build", null);
        for (var n = from; n <= to; n++)
        {
            await output.WriteAsync(LogStream.Out, LogRoom.Bytes($"line {n}\n"), _limit.Token);
        }
    }

    private Task<List<long>> CollectAsync(LogRoom room, long from) => Task.Run(async () =>
    {
        var seen = new List<long>();
        await foreach (var batch in room.Follower.FollowAsync(LogRoom.Viewer, _deployment, from, _limit.Token))
        {
            seen.AddRange(batch.Lines.Select(l => l.N));
        }

        return seen;
    });

    private static IEnumerable<long> Numbers(int from, int to) => Enumerable.Range(from, to - from + 1).Select(n => (long)n);
}
