using DevOps.Core;
using DevOps.Core.Audit;
using DevOps.Infrastructure.Audit;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Audit;

/// <summary>The log read by key: every entry once, and nothing read that is not shown.</summary>
public sealed class AuditStretchTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private AuditQueries Audit { get; } = new(postgres.Contexts);

    [Fact]
    public async Task Way_down_and_up_again_shows_every_entry_once_though_many_have_the_same_time()
    {
        await InsertAsync("walker", 95, "now() - (n / 10) * interval '1 minute'");
        var filter = new AuditFilter("walker");
        var (down, up) = (new List<long>(), new List<long>());

        var stretch = await ReadAsync(filter, new AuditStart(), 20);
        Assert.False(stretch.HasNewer);
        down.AddRange(stretch.Entries.Select(e => e.Id));
        while (stretch.HasOlder)
        {
            stretch = await ReadAsync(filter, new AuditStart(Before: down[^1]), 20);
            down.AddRange(stretch.Entries.Select(e => e.Id));
        }

        up.AddRange(stretch.Entries.Select(e => e.Id));
        while (stretch.HasNewer)
        {
            stretch = await ReadAsync(filter, new AuditStart(After: stretch.Entries[0].Id), 20);
            up.InsertRange(0, stretch.Entries.Select(e => e.Id).Except(up));
        }

        Assert.Equal(95, down.Distinct().Count());
        Assert.Equal(await OrderAsync("walker"), down);
        Assert.Equal(down, up);
    }

    [Fact]
    public async Task What_is_written_meanwhile_moves_nothing()
    {
        await InsertAsync("reader", 30, "now() - n * interval '1 minute'");
        var order = await OrderAsync("reader");
        await InsertAsync("reader", 15, "now()");

        var stretch = await ReadAsync(new AuditFilter("reader"), new AuditStart(Before: order[9]), 10);

        Assert.Equal(order[10..20], stretch.Entries.Select(e => e.Id));
    }

    [Fact]
    public async Task Beyond_an_entry_that_was_forgotten_there_is_nothing_and_above_it_all()
    {
        await InsertAsync("gone", 3, "now()");

        Assert.Empty((await ReadAsync(new AuditFilter("gone"), new AuditStart(Before: long.MaxValue), 10)).Entries);
        Assert.Equal(3, (await ReadAsync(new AuditFilter("gone"), new AuditStart(After: long.MaxValue), 10)).Entries.Count);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("wang7", null, null)]
    [InlineData(null, "session.create", null)]
    public async Task Stretch_in_the_middle_of_very_many_reads_little_more_than_it_shows(string? actor, string? action, string? subject)
    {
        await InsertManyAsync();
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var filter = new AuditFilter(actor, action, subject);
        var middle = await db.AuditEntries.Where(e => e.Subject == "many/20000").Select(e => new AuditPlace(e.At, e.Id)).SingleAsync();

        foreach (var query in new[] { middle.Below(filter.Narrow(db.AuditEntries)).Take(51), middle.Above(filter.Narrow(db.AuditEntries)).Take(51) })
        {
            var plan = await QueryPlan.RunAsync(postgres.DataSource, query);
            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
            Assert.DoesNotMatch("Rows Removed by Filter: [0-9]{3,}", plan);
        }
    }

    [Fact]
    public async Task Page_by_number_is_the_same_from_either_end()
    {
        await InsertAsync("either", 45, "now() - (n / 4) * interval '1 minute'");
        var order = await OrderAsync("either");
        var found = new List<long>();
        for (var page = 1; page <= 6; page++)
        {
            var list = await Audit.ListAsync(Rooms.Admin, new AuditFilter("either"), PageRequest.Of(page, 10), CancellationToken.None);
            Assert.Equal(45, list.Total);
            found.AddRange(list.Items.Select(e => e.Id));
        }

        Assert.Equal(order, found);
    }

    [Fact]
    public async Task Page_of_all_entries_by_number_is_found_over_days_and_the_end_of_the_log()
    {
        await InsertAsync("days", 60, "now() - (n / 3) * interval '7 hours'");
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var order = await db.AuditEntries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => e.Id).ToListAsync();
        foreach (var page in new[] { 1, 2, 3, 5, 7, (order.Count / 10) + 1, (order.Count / 10) + 2 })
        {
            var list = await Audit.ListAsync(Rooms.Admin, new AuditFilter(), PageRequest.Of(page, 10), CancellationToken.None);
            Assert.Equal(order.Count, list.Total);
            Assert.Equal(order.Skip((page - 1) * 10).Take(10), list.Items.Select(e => e.Id));
        }
    }

    private Task<AuditStretch> ReadAsync(AuditFilter filter, AuditStart from, int size) => Audit.StretchAsync(Rooms.Admin, filter, from, size, CancellationToken.None);

    private async Task<List<long>> OrderAsync(string actor)
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        return await db.AuditEntries.Where(e => e.Actor == actor).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => e.Id).ToListAsync();
    }

    private async Task InsertManyAsync()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        if (!await db.AuditEntries.AnyAsync(e => e.Subject == "many/1"))
        {
            await InsertAsync("many", 40_000, "now() - n * interval '1 minute'", "'wang' || n % 50");
            await using var analyze = postgres.DataSource.CreateCommand("ANALYZE audit_entries");
            await analyze.ExecuteNonQueryAsync();
        }
    }

    private async Task InsertAsync(string name, int count, string at, string actor = "$1")
    {
        await using var insert = postgres.DataSource.CreateCommand(
            $"INSERT INTO audit_entries (at, actor, action, subject, summary) SELECT {at}, {actor}, 'session.create', $1 || '/' || n, 'x' FROM generate_series(1, $2) n");
        insert.Parameters.AddWithValue(name);
        insert.Parameters.AddWithValue(count);
        await insert.ExecuteNonQueryAsync();
    }
}
