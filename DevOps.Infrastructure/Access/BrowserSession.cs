namespace DevOps.Infrastructure.Access;

/// <summary>A browser that signed in. Its cookie is good only while the row is there.</summary>
public sealed class BrowserSession
{
    public Guid Id { get; set; }

    public Guid AccountId { get; set; }

    /// <summary>The account's security stamp at the sign-in; another stamp now means that the session has ended.</summary>
    public required string Stamp { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset LastSeenAt { get; set; }

    public required string Address { get; set; }

    public required string UserAgent { get; set; }
}
