using System.Text;
using DevOps.Core.Access;
using DevOps.Core.Logs;
using DevOps.Core.Queue;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Logs;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Logs;

/// <summary>The log room of one process: two of them on one database are two processes.</summary>
public sealed class LogRoom : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly DatabaseSignals _signals;

    public LogRoom(string connectionString, LogOptions? options = null)
    {
        _source = NpgsqlDataSource.Create(connectionString);
        _signals = new DatabaseSignals(_source, TimeProvider.System, NullLogger<DatabaseSignals>.Instance);
        var settings = Options.Create(options ?? new LogOptions());
        var store = new LogStore(_source);
        Publisher = new LogPublisher(Feed, _signals, TimeProvider.System);
        Reader = new LogReader(store, PostgresFixture.ContextsOn(_source), TimeProvider.System);
        Logs = new DeploymentLogs(store, Reader, Publisher, settings, TimeProvider.System, NullLogger<DeploymentLog>.Instance);
        Search = new LogSearch(store);
        Follower = new LogFollower(Reader, Feed, _signals, settings, TimeProvider.System);
        Tail = new LogTail(Reader, Feed, _signals, settings, TimeProvider.System);
    }

    public LogFeed Feed { get; } = new();

    public LogPublisher Publisher { get; }

    public DeploymentLogs Logs { get; }

    public LogReader Reader { get; }

    public LogSearch Search { get; }

    public LogFollower Follower { get; }

    public LogTail Tail { get; }

    public static Actor Viewer { get; } = new("viewer", Role.Viewer, new Dictionary<long, Role>());

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public Task StartSignalsAsync() => _signals.StartAsync(CancellationToken.None);

    public Task<DeploymentLog> OpenAsync(long deployment, JobFence? fence = null, params string[] secrets) =>
        Logs.OpenAsync(deployment, secrets.Select(s => new Sensitive(s)), fence, CancellationToken.None);

    public async Task<IReadOnlyList<string>> TextsAsync(long deployment) =>
        [.. (await Reader.ReadAsync(deployment, 1, 1_000_000, CancellationToken.None)).Select(l => l.Text)];

    public async ValueTask DisposeAsync()
    {
        await Publisher.Telling;
        await _signals.StopAsync(CancellationToken.None);
        _signals.Dispose();
        await _source.DisposeAsync();
    }
}
