namespace DevOps.Core.Credentials;

/// <summary>What a credential's value is.</summary>
public enum CredentialKind
{
    /// <summary>A private key in OpenSSH's format, without a passphrase.</summary>
    SshKey,

    /// <summary>A password.</summary>
    Password,

    /// <summary>An access token of a git host.</summary>
    Token,
}

/// <summary>A means to open a repository or a server. The value is encrypted and never comes back out.</summary>
public sealed class Credential
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>Slug.</summary>
    public required string Name { get; set; }

    /// <summary>What the value is.</summary>
    public CredentialKind Kind { get; set; }

    /// <summary>The encrypted value, bound to this row's name.</summary>
    public required byte[] Ciphertext { get; set; }

    /// <summary>For keys: the public half, one line of an <c>authorized_keys</c> file.</summary>
    public string? PublicKey { get; set; }

    /// <summary>When it was stored (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }
}
