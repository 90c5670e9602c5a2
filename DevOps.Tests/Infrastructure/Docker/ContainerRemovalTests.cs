using System.Collections.Concurrent;
using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>Containers that do not go at the first word.</summary>
public sealed class ContainerRemovalTests : IAsyncLifetime
{
    private readonly WordLog _log = new();
    private FakeEngineApi _api = null!;
    private DockerConnection _connection = null!;
    private ContainerRemoval _removal = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeEngineApi.StartAsync();
        _connection = new DockerConnection(_api.Options, TimeProvider.System);
        _removal = new ContainerRemoval(_connection, new HurriedTime(), _log);
        await _removal.StartAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(StatusCodes.Status204NoContent)]
    [InlineData(StatusCodes.Status404NotFound)]
    public async Task Container_that_goes_or_is_gone_is_asked_for_once(int status)
    {
        _api.On("DELETE left", "", status);

        Assert.True(await _removal.RemoveAsync("left", CancellationToken.None));

        Assert.Empty(_log.Words);
        Assert.Contains("force=1", Asked().Single());
    }

    [Theory]
    [InlineData(StatusCodes.Status500InternalServerError)]
    [InlineData(StatusCodes.Status409Conflict)]
    public async Task Container_that_the_engine_does_not_remove_at_once_is_asked_for_until_it_is_gone(int status)
    {
        _api.On("DELETE left", context => AnswerAsync(context, Asked().Count() < 3 ? status : StatusCodes.Status204NoContent));

        Assert.False(await _removal.RemoveAsync("left", CancellationToken.None));
        await _log.HeardAsync("left is removed now");

        Assert.Equal(3, Asked().Count());
    }

    [Fact]
    public async Task Container_that_is_refused_again_and_again_is_left_to_housekeeping_and_keeps_nobody_waiting()
    {
        _api.On("DELETE left", "device or resource busy", StatusCodes.Status500InternalServerError);
        _api.On("DELETE other", context => AnswerAsync(context, Asked("other").Count() < 2 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent));

        await _removal.RemoveInTheEndAsync("left");
        await _removal.RemoveInTheEndAsync("other");
        await _log.HeardAsync("Housekeeping asks again");

        Assert.Equal(9, Asked().Count());
        Assert.Equal(2, Asked("other").Count());
        Assert.Contains(_log.Words, w => w.Contains("device or resource busy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Container_of_an_engine_that_was_away_is_removed_when_it_is_back()
    {
        var away = true;
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.On("DELETE left", FakeEngineApi.BreakOff);
        await Assert.ThrowsAsync<EngineUnavailable>(() => _removal.RemoveAsync("left", CancellationToken.None));
        await _removal.RemoveInTheEndAsync("left");
        _api.On("DELETE left", context =>
        {
            again.TrySetResult();
            return Volatile.Read(ref away) ? FakeEngineApi.BreakOff(context) : AnswerAsync(context, StatusCodes.Status204NoContent);
        });
        await again.Task.WaitAsync(TimeSpan.FromMinutes(1));

        Volatile.Write(ref away, false);

        await _log.HeardAsync("left is removed now");
    }

    public async Task DisposeAsync()
    {
        await _removal.StopAsync(CancellationToken.None);
        _removal.Dispose();
        _connection.Dispose();
        await _api.DisposeAsync();
    }

    private IEnumerable<string> Asked(string container = "left") => _api.Calls.Where(c => c.StartsWith("DELETE ", StringComparison.Ordinal) && c.Contains($"/{container}?", StringComparison.Ordinal));

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private sealed class WordLog : ILogger<ContainerRemoval>
    {
        private readonly SemaphoreSlim _said = new(0);

        public ConcurrentQueue<string> Words { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Words.Enqueue(formatter(state, exception));
            _said.Release();
        }

        public async Task HeardAsync(string words)
        {
            while (!Words.Any(w => w.Contains(words, StringComparison.Ordinal)))
            {
                Assert.True(await _said.WaitAsync(TimeSpan.FromMinutes(1)), $"'{words}' is not said: {string.Join('\n', Words)}");
            }
        }
    }
}
