using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Logs;

public sealed class LogOutageTests
{
    [Fact]
    public async Task A_database_that_goes_away_holds_the_writer_up_and_costs_no_line()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var (cluster, folder) = await PostgresFixture.OwnClusterAsync();
        try
        {
            await using var source = NpgsqlDataSource.Create(cluster.ConnectionString);
            await new DatabaseMigrator(source, PostgresFixture.ContextsOn(source)).RunAsync(limit.Token);
            var deployment = await LogRows.DeploymentAsync(source);
            var fence = await LogRows.FenceAsync(source);
            await using var room = new LogRoom(cluster.ConnectionString, new LogOptions { Buffer = 32 });
            await using var log = await room.OpenAsync(deployment, fence);
            await WriteAsync(log, 1, 100, limit.Token);
            await log.FlushAsync(limit.Token);

            await cluster.StopAsync(immediate: false, limit.Token);
            var writing = WriteAsync(log, 101, 2000, limit.Token);
            await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(2), limit.Token));
            Assert.False(writing.IsCompleted, "the writer was not held up");
            Assert.InRange(log.NextLine, 101, 1900);
            await cluster.StartAsync(limit.Token);

            await writing;
            await log.CompleteAsync(limit.Token);
            Assert.Equal(Enumerable.Range(1, 2000).Select(n => $"line {n}"), await room.TextsAsync(deployment));
        }
        finally
        {
            await cluster.StopAsync(immediate: true);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteAsync(DeploymentLog log, int from, int to, CancellationToken cancellationToken)
    {
        for (var n = from; n <= to; n++)
        {
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes($"line {n}\n"), cancellationToken);
        }
    }
}
