using Npgsql;

namespace DevOps.Infrastructure.Hosting;

/// <summary>The platform's database: a given one, or the embedded one in the data folder, which is stopped with the platform.</summary>
public sealed class PlatformDatabase : IAsyncDisposable
{
    private const int Statements = 100;

    private readonly PostgresCluster? _embedded;

    private PlatformDatabase(string connectionString, PostgresCluster? embedded)
    {
        ConnectionString = connectionString;
        Source = Open(connectionString);
        _embedded = embedded;
    }

    /// <summary>How it is reached, with the password (which the source does not give away).</summary>
    public string ConnectionString { get; }

    /// <summary>Where connections come from.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Opens the given database, or starts the embedded one.</summary>
    /// <param name="connectionString">A PostgreSQL that is there already; null or empty for the embedded one.</param>
    /// <param name="options">Where the data folder is.</param>
    /// <param name="cancellationToken">Ends the wait for the start.</param>
    /// <exception cref="InvalidOperationException">The embedded one cannot be started.</exception>
    public static async Task<PlatformDatabase> StartAsync(string? connectionString, PlatformOptions options, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(connectionString))
        {
            return new PlatformDatabase(connectionString, null);
        }

        var cluster = await PostgresCluster.StartAsync(options.Folder("postgres"), durable: true, cancellationToken);
        return new PlatformDatabase(cluster.ConnectionString, cluster);
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
            await _embedded.StopAsync();
        }
    }
}
