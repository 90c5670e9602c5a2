using System.Runtime.CompilerServices;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Audit;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Audit;

/// <summary>Reads the audit log.</summary>
public sealed class AuditQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    private const int Batch = 1000;

    /// <summary>A page of entries by its number, newest first. Far pages of all entries are found by the kept counts, others over the index alone, from the nearer end;
    /// only the page's own rows are read.</summary>
    /// <exception cref="Forbidden">The actor may not read the audit log.</exception>
    public async Task<Listing<AuditEntry>> ListAsync(Actor actor, AuditFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.AuditRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (total, ids) = filter == AuditFilter.None ? await PageOfAllAsync(db, page, cancellationToken) : await PageAsync(filter.Narrow(db.AuditEntries.AsNoTracking()), page, cancellationToken);
        var rows = await Newest(db.AuditEntries.AsNoTracking().Where(e => ids.Contains(e.Id))).ToListAsync(cancellationToken);
        return new Listing<AuditEntry>(rows, page.Page, page.PageSize, total);
    }

    /// <summary>A stretch of entries, newest first, found by the entry it begins beyond: as quick at the end of millions as at the start, and
    /// what is written meanwhile moves nothing.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="filter">What the log is narrowed to.</param>
    /// <param name="from">Where the stretch begins.</param>
    /// <param name="size">Most entries.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Forbidden">The actor may not read the audit log.</exception>
    public async Task<AuditStretch> StretchAsync(Actor actor, AuditFilter filter, AuditStart from, int size, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.AuditRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var entries = filter.Narrow(db.AuditEntries.AsNoTracking());
        if (await PlaceAsync(db, from.After, cancellationToken) is { } below && await below.Above(entries).Take(size + 1).ToListAsync(cancellationToken) is var newer && newer.Count > size)
        {
            return new AuditStretch([.. newer.Take(size).Reverse()], HasNewer: true, HasOlder: true);
        }

        // An entry that was forgotten meanwhile lay at the far end: nothing is older.
        entries = from.Before is null ? Newest(entries)
            : await PlaceAsync(db, from.Before, cancellationToken) is { } above ? above.Below(entries)
            : entries.Where(e => false);
        var rows = await entries.Take(size + 1).ToListAsync(cancellationToken);
        return new AuditStretch([.. rows.Take(size)], HasNewer: from.Before is not null, HasOlder: rows.Count > size);
    }

    /// <summary>All entries, newest first, read in batches that each go on where the last one ended, so that millions need little memory.</summary>
    /// <exception cref="Forbidden">The actor may not read the audit log.</exception>
    public IAsyncEnumerable<AuditEntry> AllAsync(Actor actor, AuditFilter filter, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.AuditRead);
        return ReadAsync(filter, cancellationToken);
    }

    private static IQueryable<AuditEntry> Newest(IQueryable<AuditEntry> entries) => entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id);

    private static async Task<AuditPlace?> PlaceAsync(DevOpsDbContext db, long? id, CancellationToken cancellationToken) =>
        id is null ? null : await db.AuditEntries.Where(e => e.Id == id).Select(e => new AuditPlace(e.At, e.Id)).SingleOrDefaultAsync(cancellationToken);

    private static async Task<(long Total, List<long> Ids)> PageOfAllAsync(DevOpsDbContext db, PageRequest page, CancellationToken cancellationToken)
    {
        var days = await db.AuditCounts.GroupBy(c => c.Day).OrderByDescending(g => g.Key).Select(g => new CountedStretch<DateOnly>(g.Key, g.Sum(c => c.Delta))).ToListAsync(cancellationToken);
        var total = days.Sum(d => d.Count);
        if (CountedStretch<DateOnly>.Find(days, page.Skip) is not { } begin)
        {
            return (total, []);
        }

        var end = new DateTimeOffset(begin.Key.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        var ids = Newest(db.AuditEntries.Where(e => e.At < end)).Skip(begin.Before).Take(page.PageSize).Select(e => e.Id);
        return (total, await ids.ToListAsync(cancellationToken));
    }

    private static async Task<(long Total, List<long> Ids)> PageAsync(IQueryable<AuditEntry> entries, PageRequest page, CancellationToken cancellationToken)
    {
        var total = await entries.LongCountAsync(cancellationToken);
        var count = (int)Math.Clamp(total - page.Skip, 0, page.PageSize);
        if (count == 0)
        {
            return (total, []);
        }

        var sought = page.Skip <= total / 2
            ? Newest(entries).Skip(page.Skip)
            : entries.OrderBy(e => e.At).ThenBy(e => e.Id).Skip((int)(total - page.Skip - count));
        return (total, await sought.Take(count).Select(e => e.Id).ToListAsync(cancellationToken));
    }

    private async IAsyncEnumerable<AuditEntry> ReadAsync(AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AuditEntry? last = null;
        while (true)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var entries = filter.Narrow(db.AuditEntries.AsNoTracking());
            var batch = await (last is null ? Newest(entries) : new AuditPlace(last.At, last.Id).Below(entries)).Take(Batch).ToListAsync(cancellationToken);
            foreach (var entry in batch)
            {
                yield return entry;
            }

            if (batch.Count < Batch)
            {
                yield break;
            }

            last = batch[^1];
        }
    }
}
