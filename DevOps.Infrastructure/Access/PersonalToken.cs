using DevOps.Core.Access;

namespace DevOps.Infrastructure.Access;

/// <summary>A token for programs that speaks for a person. Only its hash is stored.</summary>
public sealed class PersonalToken
{
    public long Id { get; set; }

    public Guid AccountId { get; set; }

    public required string Name { get; set; }

    public TokenScope Scope { get; set; }

    /// <summary>SHA-256 of the text; the text holds 256 random bits, so nothing slower is needed.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>The first characters of the text, by which a person recognises it.</summary>
    public required string Hint { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public string? LastUsedAddress { get; set; }
}
