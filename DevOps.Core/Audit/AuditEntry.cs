namespace DevOps.Core.Audit;

/// <summary>One line of the audit log: who did what to what. Rows are never changed or deleted.</summary>
public sealed class AuditEntry
{
    /// <summary>Row id, rising.</summary>
    public long Id { get; set; }

    /// <summary>When it happened (UTC).</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>User name of who did it.</summary>
    public required string Actor { get; set; }

    /// <summary>What was done, noun and verb: <c>project.create</c>.</summary>
    public required string Action { get; set; }

    /// <summary>What it was done to: <c>project/shop</c>.</summary>
    public required string Subject { get; set; }

    /// <summary>A sentence without secrets.</summary>
    public required string Summary { get; set; }

    /// <summary>Address the request came from.</summary>
    public string? Ip { get; set; }

    /// <summary>Fields that changed, where a setting did.</summary>
    public List<AuditChange>? Changes { get; set; }
}
