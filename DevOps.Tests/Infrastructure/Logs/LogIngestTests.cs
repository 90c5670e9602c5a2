using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using DevOps.Tests.Fixtures;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Logs;

/// <summary>More output than the database takes at once, and viewers that do not look.</summary>
public sealed class LogIngestTests(PostgresFixture database) : IClassFixture<PostgresFixture>, IAsyncDisposable
{
    private const int Buffer = 16;
    private const int LinesPerWrite = 20;

    private static readonly LogOptions Small = new() { Buffer = Buffer, BatchBytes = 4096, SlowPoll = TimeSpan.FromHours(1) };

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private readonly LogRoom _room = new(database.ConnectionString, Small);

    public async ValueTask DisposeAsync()
    {
        await _room.DisposeAsync();
        _limit.Dispose();
    }

    [Fact]
    public async Task Producer_waits_when_the_buffer_is_full_and_no_more_than_that_is_held()
    {
        const int Writes = 20 * Buffer;
        var id = await LogRows.DeploymentAsync(database.DataSource);
        await using var log = await _room.OpenAsync(id);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var busy = await connection.BeginTransactionAsync();
        await SayAsync(connection, "LOCK TABLE log_chunks IN EXCLUSIVE MODE");

        // What fills a batch, the buffer, and the piece that is being handed over.
        var held = ((Small.BatchBytes / Bytes(1).Length) + Buffer + 2) * LinesPerWrite;
        var writing = Task.Run(() => WriteAsync(log, Writes));
        await LogRows.BlockedAsync(database.DataSource, writing);
        await StillAsync(log);
        Assert.InRange(log.NextLine, Buffer * LinesPerWrite, held);
        await busy.CommitAsync();

        await writing;
        await log.CompleteAsync(_limit.Token);
        Assert.Equal(Writes * LinesPerWrite, (await _room.TextsAsync(id)).Count);
    }

    [Fact]
    public async Task Ten_logs_at_once_lose_nothing_while_their_viewers_stand_still()
    {
        const int Writes = 150;
        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => LogRows.DeploymentAsync(database.DataSource)));
        var streams = ids.Select(id => _room.Follower.FollowAsync(LogRoom.Viewer, id, 1, _limit.Token).GetAsyncEnumerator()).ToList();
        var pages = ids.Select(id => _room.Tail.WatchAsync(() => Task.FromResult(LogRoom.Viewer), id, _limit.Token).GetAsyncEnumerator()).ToList();
        var firsts = streams.Select(s => s.MoveNextAsync().AsTask()).ToList();
        await Task.WhenAll(pages.Select(p => p.MoveNextAsync().AsTask()));

        // Nobody moves on from here: every log comes to its end all the same.
        await Task.WhenAll(ids.Select(id => Task.Run(async () =>
        {
            await using var log = await _room.OpenAsync(id, null, "s3cret-word");
            await WriteAsync(log, Writes);
            await log.CompleteAsync(_limit.Token);
        })));

        foreach (var id in ids)
        {
            var texts = await _room.TextsAsync(id);
            Assert.Equal(Enumerable.Range(1, Writes * LinesPerWrite).Select(n => $"line {((n - 1) % LinesPerWrite) + 1} with ***"), texts);
        }

        await Task.WhenAll(firsts);
        Assert.All(await Task.WhenAll(streams.Select(RestAsync)), seen => Assert.Equal(Writes * LinesPerWrite, seen));
        foreach (var page in pages)
        {
            Assert.Equal(Writes * LinesPerWrite, await EndAsync(page));
            await page.DisposeAsync();
        }
    }

    [Fact]
    public async Task Long_lines_come_to_a_follower_in_portions()
    {
        const int Lines = 100;
        var id = await LogRows.DeploymentAsync(database.DataSource);
        await using (var log = await _room.OpenAsync(id))
        {
            await log.For("build", null).WriteAsync(LogStream.Out, LogRoom.Bytes(string.Concat(Enumerable.Repeat(new string('x', 16_000) + "\n", Lines))), _limit.Token);
            await log.CompleteAsync(_limit.Token);
        }

        var portions = new List<int>();
        await foreach (var batch in _room.Follower.FollowAsync(LogRoom.Viewer, id, 1, _limit.Token))
        {
            portions.Add(batch.Lines.Count);
        }

        Assert.Equal(Lines, portions.Sum());
        Assert.InRange(portions.Max(), 1, 24);
    }

    private static byte[] Bytes(int writes) => LogRoom.Bytes(string.Concat(Enumerable.Range(0, writes * LinesPerWrite).Select(n => $"line {(n % LinesPerWrite) + 1} with s3cret-word\n"))).ToArray();

    private async Task WriteAsync(DeploymentLog log, int writes)
    {
        var piece = Bytes(1);
        for (var n = 0; n < writes; n++)
        {
            await log.For("build", null).WriteAsync(LogStream.Out, piece, _limit.Token);
        }
    }

    // A producer that is held up looks like one that is slow, until it has not moved for a while.
    private async Task StillAsync(DeploymentLog log)
    {
        for (var (seen, still) = (0L, 0); still < 10; still = seen == log.NextLine ? still + 1 : 0)
        {
            seen = log.NextLine;
            await Task.Delay(20, _limit.Token);
        }
    }

    private static async Task<int> RestAsync(IAsyncEnumerator<LogBatch> stream)
    {
        var seen = stream.Current.Lines.Count;
        while (await stream.MoveNextAsync())
        {
            seen += stream.Current.Lines.Count;
        }

        await stream.DisposeAsync();
        return seen;
    }

    private static async Task<long> EndAsync(IAsyncEnumerator<LogLook> page)
    {
        long total = 0;
        while (await page.MoveNextAsync())
        {
            total = page.Current.Total;
        }

        return total;
    }

    private static async Task SayAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
