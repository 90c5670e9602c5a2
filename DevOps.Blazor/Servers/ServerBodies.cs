using DevOps.Core.Servers;
using DevOps.Infrastructure.Servers;

namespace DevOps.Blazor.Servers;

/// <summary>A server as a client sends it.</summary>
public sealed record ServerBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "name": "app-1", "host": "10.0.0.5", "port": 22, "user": "deploy", "credential": "deploy-key", "tags": ["web"], "jumpServer": null, "hostKey": null }
        """;

    /// <summary>Slug; in a PUT it may be left out.</summary>
    public string? Name { get; init; }

    /// <summary>Host name or address.</summary>
    public string Host { get; init; } = "";

    /// <summary>TCP port of its SSH service.</summary>
    public int Port { get; init; } = 22;

    /// <summary>User to sign in as.</summary>
    public string User { get; init; } = "";

    /// <summary>Name of a credential that is a key or a password.</summary>
    public string Credential { get; init; } = "";

    /// <summary>Words that environments choose servers by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Name of the server to go through.</summary>
    public string? JumpServer { get; init; }

    /// <summary>Fingerprint to pin when the server really shows it; left out in a PUT, the pinned one stays.</summary>
    public string? HostKey { get; init; }

    internal ServerDraft Draft(string name) => new()
    {
        Name = name,
        Host = Host,
        Port = Port,
        User = User,
        Credential = Credential,
        Tags = Tags,
        JumpServer = JumpServer,
        HostKey = HostKey,
    };
}

/// <summary>A server.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port of its SSH service.</param>
/// <param name="User">User to sign in as.</param>
/// <param name="Credential">Name of its credential.</param>
/// <param name="Tags">Words that environments choose servers by.</param>
/// <param name="JumpServer">Name of the server to go through, or null.</param>
/// <param name="HostKey">Fingerprint of the pinned key, or null.</param>
public sealed record ServerAnswer(string Name, string Host, int Port, string User, string Credential, IReadOnlyList<string> Tags, string? JumpServer, string? HostKey)
{
    internal static ServerAnswer Of(ServerView view)
    {
        var server = view.Server;
        return new(server.Name, server.Host, server.Port, server.User, view.Credential, server.Tags, view.JumpServer, server.HostKeyFingerprint);
    }
}

/// <summary>Keys that a server shows.</summary>
/// <param name="Fingerprint">Fingerprint of the key to prefer.</param>
/// <param name="Algorithm">Its algorithm.</param>
/// <param name="Keys">All keys, the one to prefer first.</param>
/// <param name="Pinned">Fingerprint of the pinned key, or null.</param>
public sealed record HostKeyAnswer(string Fingerprint, string Algorithm, IReadOnlyList<ShownKey> Keys, string? Pinned)
{
    internal static HostKeyAnswer Of(HostKeyScan scan) =>
        new(scan.Preferred.Fingerprint, scan.Preferred.Algorithm, [.. scan.Keys.Select(k => new ShownKey(k.Algorithm, k.Fingerprint))], scan.Pinned);
}

/// <summary>One key that a server shows.</summary>
/// <param name="Algorithm">Such as <c>ssh-ed25519</c>.</param>
/// <param name="Fingerprint">OpenSSH's fingerprint.</param>
public sealed record ShownKey(string Algorithm, string Fingerprint);

/// <summary>The key to pin.</summary>
/// <param name="Fingerprint">OpenSSH's fingerprint, <c>SHA256:…</c>.</param>
public sealed record PinBody(string Fingerprint)
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "fingerprint": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" }
        """;
}
