using DevOps.Core.Credentials;
using DevOps.Core.Secrets;

namespace DevOps.Core.Servers;

/// <summary>Everything needed to open a connection to a server: a copy of its row with the opened credential.</summary>
public sealed record ServerAccess
{
    /// <summary>Row id of the server.</summary>
    public required long Id { get; init; }

    /// <summary>The server's name.</summary>
    public required string Name { get; init; }

    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>User to sign in as.</summary>
    public required string User { get; init; }

    /// <summary>What <see cref="Secret"/> is: a key or a password.</summary>
    public required CredentialKind Kind { get; init; }

    /// <summary>The private key or password.</summary>
    public required Sensitive Secret { get; init; }

    /// <summary>The pinned host key, <c>ssh-ed25519 AAAA…</c>; a connection without one is refused.</summary>
    public required string? HostKey { get; init; }

    /// <summary>The server to go through, or null.</summary>
    public ServerAccess? Jump { get; init; }
}
