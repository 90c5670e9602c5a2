using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Persistence;

public sealed class DatabaseSignalsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Word_of_one_process_reaches_the_other_and_not_itself()
    {
        await using var one = await Process.StartAsync(postgres.ConnectionString, "jobs");
        await using var other = await Process.StartAsync(postgres.ConnectionString, "jobs");

        await one.Signals.NotifyAsync("jobs", "first one");
        Assert.Equal("first one", await other.NextAsync());
        await other.Signals.NotifyAsync("jobs", "back");

        Assert.Equal("back", await one.NextAsync());
    }

    [Fact]
    public async Task Equal_words_of_a_moment_become_one_and_other_channels_stay_apart()
    {
        await using var one = await Process.StartAsync(postgres.ConnectionString, "log");
        await using var other = await Process.StartAsync(postgres.ConnectionString, "log");

        await Task.WhenAll(
            one.Signals.NotifyAsync("log", "7"), one.Signals.NotifyAsync("log", "7"), one.Signals.NotifyAsync("elsewhere", "8"), one.Signals.NotifyAsync("log", "7"));
        await one.Signals.NotifyAsync("log", "end");

        Assert.Equal("7", await other.NextAsync());
        Assert.Equal("end", await other.NextAsync());
    }

    [Fact]
    public async Task Broken_line_is_reopened_and_says_that_something_may_be_missed()
    {
        await using var one = await Process.StartAsync(postgres.ConnectionString, "jobs");

        await using (var command = postgres.DataSource.CreateCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"))
        {
            await command.ExecuteNonQueryAsync();
        }

        Assert.Null(await one.NextAsync());
        await using var other = await Process.StartAsync(postgres.ConnectionString, "jobs");
        await other.Signals.NotifyAsync("jobs", "again");
        Assert.Equal("again", await one.NextAsync());
    }

    [Fact]
    public async Task Failing_subscriber_does_not_end_the_listening()
    {
        await using var one = await Process.StartAsync(postgres.ConnectionString, "jobs");
        using var bad = one.Signals.On("jobs", _ => throw new InvalidOperationException("on request"));
        await using var other = await Process.StartAsync(postgres.ConnectionString, "jobs");

        await other.Signals.NotifyAsync("jobs", "1");
        Assert.Equal("1", await one.NextAsync());
        await other.Signals.NotifyAsync("jobs", "2");

        Assert.Equal("2", await one.NextAsync());
    }

    private sealed class Process : IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<string?> _heard = System.Threading.Channels.Channel.CreateUnbounded<string?>();
        private readonly NpgsqlDataSource _database;

        private Process(string connectionString)
        {
            _database = NpgsqlDataSource.Create(connectionString);
            Signals = new DatabaseSignals(_database, TimeProvider.System, NullLogger<DatabaseSignals>.Instance);
        }

        public DatabaseSignals Signals { get; }

        public static async Task<Process> StartAsync(string connectionString, string channel)
        {
            var process = new Process(connectionString);
            process.Signals.On(channel, payload => process._heard.Writer.TryWrite(payload));
            await process.Signals.StartAsync(CancellationToken.None);
            Assert.Null(await process.NextAsync());
            return process;
        }

        public Task<string?> NextAsync() => _heard.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public async ValueTask DisposeAsync()
        {
            await Signals.StopAsync(CancellationToken.None);
            Signals.Dispose();
            await _database.DisposeAsync();
        }
    }
}
