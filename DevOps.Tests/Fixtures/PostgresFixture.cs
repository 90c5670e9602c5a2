using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DevOps.Tests.Fixtures;

/// <summary>A database of its own with the migrated schema, on a throw-away cluster that all tests of the process share.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const int Connections = 1000;
    private static readonly Lazy<Task<PostgresCluster>> Shared = new(StartSharedAsync);
    private static int _number;

    public NpgsqlDataSource DataSource { get; private set; } = null!;

    public IDbContextFactory<DevOpsDbContext> Contexts { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";

    /// <summary>A cluster of one's own, for tests that stop and start it. Stop it, then delete the folder.</summary>
    /// <param name="durable">Whether commits reach the disk, as they do for users.</param>
    public static async Task<(PostgresCluster Cluster, string Folder)> OwnClusterAsync(bool durable = false)
    {
        var folder = Directory.CreateTempSubdirectory("pgt").FullName;
        var cluster = await PostgresCluster.StartAsync(folder, durable, CancellationToken.None);
        return (cluster, folder);
    }

    /// <summary>Makes contexts on a data source.</summary>
    public static IDbContextFactory<DevOpsDbContext> ContextsOn(NpgsqlDataSource source) => new Factory(source);

    public async Task InitializeAsync()
    {
        var cluster = await Shared.Value;
        var name = $"t{Environment.ProcessId}_{Interlocked.Increment(ref _number)}";
        await using (var admin = NpgsqlDataSource.Create(cluster.ConnectionTo("postgres")))
        await using (var create = admin.CreateCommand($"CREATE DATABASE {name} TEMPLATE devops STRATEGY file_copy"))
        {
            await create.ExecuteNonQueryAsync();
        }

        ConnectionString = cluster.ConnectionTo(name);
        DataSource = NpgsqlDataSource.Create(ConnectionString);
        Contexts = ContextsOn(DataSource);
    }

    public async Task DisposeAsync() => await DataSource.DisposeAsync();

    private static async Task<PostgresCluster> StartSharedAsync()
    {
        var (cluster, folder) = await OwnClusterAsync();
        SuiteFramework.AtEnd(async () =>
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        });
        await using var source = NpgsqlDataSource.Create(cluster.ConnectionString + ";Pooling=false");
        await AllowAllPoolsAsync(cluster, source);
        await new DatabaseMigrator(source, ContextsOn(source)).RunAsync(CancellationToken.None);
        return cluster;
    }

    // A platform has one pool of 60 and a server of 100 to itself; here a server bears the pools of all classes that run at once.
    private static async Task AllowAllPoolsAsync(PostgresCluster cluster, NpgsqlDataSource source)
    {
        await using (var allow = source.CreateCommand($"ALTER SYSTEM SET max_connections = {Connections}"))
        {
            await allow.ExecuteNonQueryAsync();
        }

        await cluster.StopAsync();
        await cluster.StartAsync(CancellationToken.None);
    }

    private sealed class Factory(NpgsqlDataSource source) : IDbContextFactory<DevOpsDbContext>
    {
        private readonly DbContextOptions<DevOpsDbContext> _options = new DbContextOptionsBuilder<DevOpsDbContext>().UseNpgsql(source).Options;

        public DevOpsDbContext CreateDbContext() => new(_options);
    }
}
