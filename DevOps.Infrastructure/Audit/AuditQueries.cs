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

    /// <summary>A page of entries, newest first. Far pages are found over the index alone; only the page's own rows are read.</summary>
    /// <exception cref="Forbidden">The actor may not read the audit log.</exception>
    public async Task<Listing<AuditEntry>> ListAsync(Actor actor, AuditFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.AuditRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var entries = filter.Narrow(db.AuditEntries.AsNoTracking());
        var total = await entries.LongCountAsync(cancellationToken);
        var ids = entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Skip(page.Skip).Take(page.PageSize).Select(e => e.Id);
        var rows = await db.AuditEntries.AsNoTracking().Where(e => ids.Contains(e.Id)).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).ToListAsync(cancellationToken);
        return new Listing<AuditEntry>(rows, page.Page, page.PageSize, total);
    }

    /// <summary>All entries, newest first, read in batches that each go on where the last one ended, so that millions need little memory.</summary>
    /// <exception cref="Forbidden">The actor may not read the audit log.</exception>
    public IAsyncEnumerable<AuditEntry> AllAsync(Actor actor, AuditFilter filter, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.AuditRead);
        return ReadAsync(filter, cancellationToken);
    }

    private async IAsyncEnumerable<AuditEntry> ReadAsync(AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AuditEntry? last = null;
        while (true)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var entries = filter.Narrow(db.AuditEntries.AsNoTracking());
            if (last is { At: var at, Id: var id })
            {
                entries = entries.Where(e => e.At <= at && (e.At < at || e.Id < id));
            }

            var batch = await entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(Batch).ToListAsync(cancellationToken);
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
