using DevOps.Core.Audit;

namespace DevOps.Infrastructure.Audit;

/// <summary>What the audit log is narrowed to; what is null narrows nothing.</summary>
/// <param name="Actor">User name.</param>
/// <param name="Action">An action (<c>project.create</c>), or all of a noun (<c>project</c>).</param>
/// <param name="Subject">A subject (<c>environment/shop/dev</c>), or all below one (<c>environment/shop</c>).</param>
/// <param name="From">Entries from this time on.</param>
/// <param name="To">Entries before this time.</param>
public sealed record AuditFilter(string? Actor = null, string? Action = null, string? Subject = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Narrows nothing.</summary>
    public static AuditFilter None { get; } = new();

    /// <summary>The entries that fit.</summary>
    public IQueryable<AuditEntry> Narrow(IQueryable<AuditEntry> entries)
    {
        var (from, to) = (From?.ToUniversalTime(), To?.ToUniversalTime());
        if (Actor is { Length: > 0 } actor)
        {
            entries = entries.Where(e => e.Actor == actor);
        }

        if (Action is { Length: > 0 } action)
        {
            entries = action.Contains('.', StringComparison.Ordinal) ? entries.Where(e => e.Action == action) : entries.Where(e => e.Action.StartsWith(action + "."));
        }

        if (Subject is { Length: > 0 } subject)
        {
            entries = entries.Where(e => e.Subject == subject || e.Subject.StartsWith(subject + "/"));
        }

        return entries.Where(e => (from == null || e.At >= from) && (to == null || e.At < to));
    }
}
