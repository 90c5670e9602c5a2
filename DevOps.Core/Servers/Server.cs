namespace DevOps.Core.Servers;

/// <summary>An SSH target with a pinned host key.</summary>
public sealed class Server
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>Slug.</summary>
    public required string Name { get; set; }

    /// <summary>Host name or address.</summary>
    public required string Host { get; set; }

    /// <summary>TCP port of its SSH service.</summary>
    public int Port { get; set; } = 22;

    /// <summary>User to sign in as.</summary>
    public required string User { get; set; }

    /// <summary>Key or password to sign in with.</summary>
    public long CredentialId { get; set; }

    /// <summary>Words that environments choose servers by.</summary>
    public List<string> Tags { get; set; } = [];

    /// <summary>Server through which this one is reached.</summary>
    public long? JumpServerId { get; set; }

    /// <summary>The pinned key as in a <c>known_hosts</c> file without the host: <c>ssh-ed25519 AAAA…</c>. Null until a person confirmed it.</summary>
    public string? HostKey { get; set; }

    /// <summary>OpenSSH's fingerprint of the pinned key, <c>SHA256:…</c>.</summary>
    public string? HostKeyFingerprint { get; set; }

    /// <summary>Result of the last check, or null before the first.</summary>
    public ServerCheck? LastCheck { get; set; }

    /// <summary>When it was last checked (UTC).</summary>
    public DateTimeOffset? LastCheckAt { get; set; }

    /// <summary>When it was added (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Rises with every change; guards against lost updates.</summary>
    public int Revision { get; set; } = 1;
}
