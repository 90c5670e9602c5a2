using DevOps.Blazor.Logs;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;

namespace DevOps.Tests.Blazor.Logs;

public sealed class LogSearchStateTests(PostgresFixture database) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly CancellationToken _never = CancellationToken.None;
    private LogRoom _room = null!;
    private DeploymentLog _log = null!;
    private LogSearchState _state = null!;

    public async Task InitializeAsync()
    {
        _room = new LogRoom(database.ConnectionString);
        var deployment = await LogRows.DeploymentAsync(database.DataSource);
        _log = await _room.OpenAsync(deployment);
        _state = new LogSearchState(_room.Search, deployment);
    }

    public async Task DisposeAsync()
    {
        await _log.DisposeAsync();
        await _room.DisposeAsync();
    }

    [Fact]
    public async Task A_search_stands_at_the_first_match_from_where_one_looks_and_goes_round()
    {
        await WriteAsync(30, n => n % 10 == 0 ? "hit" : "miss");

        await _state.StartAsync("hit", near: 15, _never);
        Assert.Equal((2L, 3L, 20L), (_state.Position, _state.Count, _state.Line));
        await _state.NextAsync(_never);
        await _state.NextAsync(_never);
        Assert.Equal((1L, 10L), (_state.Position, _state.Line));
        await _state.PreviousAsync(_never);
        Assert.Equal((3L, 30L), (_state.Position, _state.Line));
    }

    [Fact]
    public async Task Nothing_found_is_no_position()
    {
        await WriteAsync(3, _ => "miss");

        await _state.StartAsync("hit", near: 1, _never);
        await _state.NextAsync(_never);
        await _state.PreviousAsync(_never);

        Assert.Equal((0L, 0L, null), (_state.Position, _state.Count, _state.Line));
    }

    [Fact]
    public async Task Lines_that_come_later_are_found_too()
    {
        await WriteAsync(10, n => n == 5 ? "hit" : "miss");
        await _state.StartAsync("hit", near: 1, _never);
        await WriteAsync(10, n => n == 5 ? "hit" : "miss");

        Assert.True(await _state.ContinueAsync(_never));
        Assert.False(await _state.ContinueAsync(_never));
        Assert.Equal([5L, 15L], _state.Lines);
        Assert.Equal((1L, 2L), (_state.Position, _state.Count));
    }

    [Fact]
    public async Task More_matches_than_one_answer_holds_are_walked_through_in_both_directions()
    {
        const int Hits = LogSearch.MostHits + 5;
        await WriteAsync(Hits, _ => "hit");
        await _state.StartAsync("hit", near: LogSearch.MostHits, _never);
        Assert.Equal((LogSearch.MostHits, Hits), ((int)_state.Position, (int)_state.Count));

        await _state.NextAsync(_never);
        Assert.Equal((LogSearch.MostHits + 1, LogSearch.MostHits + 1L, Hits), ((int)_state.Position, _state.Line, (int)_state.Count));
        await _state.PreviousAsync(_never);
        Assert.Equal(LogSearch.MostHits, _state.Line);
    }

    private async Task WriteAsync(int lines, Func<int, string> text)
    {
        var all = string.Concat(Enumerable.Range(1, lines).Select(n => text(n) + "\n"));
        await _log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes(all), _never);
        await _log.FlushAsync(_never);
    }
}
