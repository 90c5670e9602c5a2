using System.Text.RegularExpressions;
using DevOps.Core.Refusals;

namespace DevOps.Core.Servers;

/// <summary>What a person wants a server to be.</summary>
public sealed partial record ServerDraft
{
    private const int MaxTags = 20;

    /// <summary>Slug.</summary>
    public string Name { get; init; } = "";

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

    /// <summary>Name of the server to go through, or null.</summary>
    public string? JumpServer { get; init; }

    /// <summary>Fingerprint (<c>SHA256:…</c>) to pin when the server really shows it, or null.</summary>
    public string? HostKey { get; init; }

    /// <summary>The same with empty optional fields as null and blanks around words taken away.</summary>
    public ServerDraft Tidy() => this with
    {
        Host = Host.Trim(),
        User = User.Trim(),
        JumpServer = string.IsNullOrWhiteSpace(JumpServer) ? null : JumpServer.Trim(),
        HostKey = string.IsNullOrWhiteSpace(HostKey) ? null : HostKey.Trim(),
    };

    /// <summary>Notes every fault, by the field's name in the HTTP contract.</summary>
    public void Check(Faults faults)
    {
        Slug.Check(Name, "name", faults);
        faults.When(!HostName.IsHost(Host), "host", "Give a host name, an IPv4 or an IPv6 address (without brackets).");
        faults.When(Port is < 1 or > 65535, "port", "Give 1 to 65535.");
        faults.When(!HostName.IsUser(User), "user", "Give a user name of 1 to 32 letters, digits and _ . - that begins with a letter or underscore.");
        faults.When(Credential.Length == 0, "credential", "Name a credential to sign in with: a key or a password.");
        faults.When(Credential.Length > 0 && !Slug.IsValid(Credential), "credential", "This is not the name of a credential.");
        foreach (var (path, tag) in TextRule.CheckList(Tags, MaxTags, "tags", faults))
        {
            Slug.Check(tag, path, faults);
        }

        faults.When(JumpServer is not null && !Slug.IsValid(JumpServer), "jumpServer", "This is not the name of a server.");
        faults.When(string.Equals(JumpServer, Name, StringComparison.Ordinal) && Name.Length > 0, "jumpServer", "A server cannot be reached through itself.");
        faults.When(HostKey is not null && !IsFingerprint(HostKey), "hostKey", "Give the fingerprint as ssh-keygen shows it: SHA256: and 43 characters.");
    }

    /// <summary>Says whether a text has the form of OpenSSH's SHA-256 fingerprint.</summary>
    public static bool IsFingerprint(string text) => Fingerprint().IsMatch(text);

    [GeneratedRegex(@"\ASHA256:[A-Za-z0-9+/]{43}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fingerprint();
}
