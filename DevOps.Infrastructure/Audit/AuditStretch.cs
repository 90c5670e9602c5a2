using DevOps.Core.Audit;

namespace DevOps.Infrastructure.Audit;

/// <summary>Where a stretch of the log begins; without either, with the newest entry.</summary>
/// <param name="Before">Id of the entry that all of the stretch is older than.</param>
/// <param name="After">Id of the entry that all of the stretch is newer than. With less than a whole stretch above it, the stretch begins with the newest entry.</param>
public sealed record AuditStart(long? Before = null, long? After = null);

/// <summary>Entries that follow one another, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="HasNewer">Whether there may be newer ones.</param>
/// <param name="HasOlder">Whether there are older ones.</param>
public sealed record AuditStretch(IReadOnlyList<AuditEntry> Entries, bool HasNewer, bool HasOlder);

/// <summary>A place in the order of the log.</summary>
/// <param name="At">When the entry there was written.</param>
/// <param name="Id">Its row id.</param>
public sealed record AuditPlace(DateTimeOffset At, long Id)
{
    /// <summary>What is older, newest first. Written so that an index leads to the place.</summary>
    public IQueryable<AuditEntry> Below(IQueryable<AuditEntry> entries) =>
        entries.Where(e => e.At <= At && (e.At < At || e.Id < Id)).OrderByDescending(e => e.At).ThenByDescending(e => e.Id);

    /// <summary>What is newer, oldest first.</summary>
    public IQueryable<AuditEntry> Above(IQueryable<AuditEntry> entries) =>
        entries.Where(e => e.At >= At && (e.At > At || e.Id > Id)).OrderBy(e => e.At).ThenBy(e => e.Id);
}
