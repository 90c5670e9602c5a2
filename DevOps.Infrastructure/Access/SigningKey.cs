namespace DevOps.Infrastructure.Access;

/// <summary>A key that signs access tokens, or did. Kept sealed.</summary>
public sealed class SigningKey
{
    /// <summary>The key of installations that had only one; its tokens name no key.</summary>
    internal const string FirstKid = "first";

    /// <summary>Name of the key; tokens carry it as <c>kid</c>.</summary>
    public required string Kid { get; set; }

    public required byte[] Ciphertext { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Since when it signs no more; null for the one that signs now.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>What the vault binds the ciphertext to. The first key was sealed for the setting it came from.</summary>
    internal string Purpose => string.Equals(Kid, FirstKid, StringComparison.Ordinal) ? "access.signingKey" : $"signing-key/{Kid}";
}
