using Npgsql;

namespace DevOps.Infrastructure.Hosting;

/// <summary>The platform's database: a given one, or the embedded one in the data folder, which is stopped with the platform.</summary>
public sealed class PlatformDatabase : IAsyncDisposable
{
    private const int Statements = 100;

    private readonly PostgresCluster? _embedded;

    private PlatformDatabase(string connectionString, PostgresCluster? embedded, CancellationToken cancellationToken)
    {
        ConnectionString = connectionString;
        Source = Open(connectionString);
        _embedded = embedded;
        Ready = embedded is null ? Task.CompletedTask : Task.Run(() => embedded.StartAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Ends when the embedded one has started; fails when it does not. A given one is not asked.</summary>
    public Task Ready { get; }

    /// <summary>How it is reached, with the password (which the source does not give away).</summary>
    public string ConnectionString { get; }

    /// <summary>Where connections come from.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Opens the given database, or begins to start the embedded one: what needs no answer from it can be done meanwhile.</summary>
    /// <param name="connectionString">A PostgreSQL that is there already; null or empty for the embedded one.</param>
    /// <param name="options">Where the data folder is.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException">There are no programs for the embedded one.</exception>
    public static async Task<PlatformDatabase> BeginAsync(string? connectionString, PlatformOptions options, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(connectionString))
        {
            return new PlatformDatabase(connectionString, null, cancellationToken);
        }

        var cluster = await PostgresCluster.FindAsync(options.Folder("postgres"), durable: true, cancellationToken);
        return new PlatformDatabase(cluster.ConnectionString, cluster, cancellationToken);
    }

    /// <summary>Connections as the platform has them. What is asked often is planned once for each connection; who has a pooler in between that cannot bear it
    /// says "Max Auto Prepare=0". Nobody here changes the state of a session, so nothing has to be put back when a connection is handed on.</summary>
    public static NpgsqlDataSource Open(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true };
        if (!connectionString.Contains("Max Auto Prepare", StringComparison.OrdinalIgnoreCase))
        {
            builder.MaxAutoPrepare = Statements;
        }

        return NpgsqlDataSource.Create(builder);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        if (_embedded is not null)
        {
            // What is still starting could not be stopped; why it failed is said to who waits for it.
            await Ready.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await _embedded.StopAsync();
        }
    }
}
