using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Logs;

public sealed class LogTailTests(PostgresFixture database) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private LogRoom _room = null!;
    private long _deployment;

    public async Task InitializeAsync()
    {
        _room = new LogRoom(database.ConnectionString, new LogOptions { SlowPoll = TimeSpan.FromMilliseconds(50) });
        _deployment = await LogRows.DeploymentAsync(database.DataSource);
    }

    public async Task DisposeAsync()
    {
        await _room.DisposeAsync();
        _limit.Dispose();
    }

    [Fact]
    public async Task The_end_is_seen_whatever_lies_between_and_the_watch_ends_with_the_log()
    {
        await using var log = await _room.OpenAsync(_deployment);
        await using var looks = Watch(() => Task.FromResult(LogRoom.Viewer));
        Assert.True(await looks.MoveNextAsync());
        Assert.Equal(0, looks.Current.Total);

        await WriteAsync(log, 5000);
        while (looks.Current.Total < 5000)
        {
            Assert.True(await looks.MoveNextAsync());
            Assert.InRange(looks.Current.Last.Count, 1, LogTail.Length);
            Assert.Equal(looks.Current.Total, looks.Current.Last[^1].N);
        }

        await log.CompleteAsync(_limit.Token);
        while (!looks.Current.Complete)
        {
            Assert.True(await looks.MoveNextAsync());
        }

        Assert.False(await looks.MoveNextAsync());
    }

    [Fact]
    public async Task Who_loses_the_right_to_see_it_sees_no_more()
    {
        var actor = LogRoom.Viewer;
        await using var looks = Watch(() => Task.FromResult(actor));
        Assert.True(await looks.MoveNextAsync());

        actor = actor with { Role = Role.None };

        await Assert.ThrowsAsync<NotFound>(() => looks.MoveNextAsync().AsTask());
    }

    private IAsyncEnumerator<LogLook> Watch(Func<Task<Actor>> actor) =>
        _room.Tail.WatchAsync(actor, _deployment, _limit.Token).GetAsyncEnumerator();

    private async Task WriteAsync(DeploymentLog log, int lines)
    {
        for (var n = 1; n <= lines; n++)
        {
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes($"line {n}\n"), _limit.Token);
        }
    }
}
