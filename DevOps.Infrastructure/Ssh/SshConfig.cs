using System.Globalization;
using System.Text.RegularExpressions;
using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Writes the configuration files ssh is called with, so that no word of a user stands in its arguments.</summary>
internal static partial class SshConfig
{
    /// <summary>The name under which every file knows its server.</summary>
    public const string Alias = "server";

    /// <summary>What a client prints when it found no connection to share, instead of opening one of its own.</summary>
    public const string NoMaster = "devops: no connection to share";

    /// <summary>Refuses what ssh could take for an option, a pattern or an expansion.</summary>
    /// <exception cref="StepFailure">Host, user or port cannot be used, or no host key is pinned.</exception>
    public static HostKey Check(ServerAccess server)
    {
        if (!HostForm().IsMatch(server.Host))
        {
            throw new StepFailure($"{server.Name}: '{server.Host}' is no host name or address. Correct it on the server's page.");
        }

        if (!UserForm().IsMatch(server.User))
        {
            throw new StepFailure($"{server.Name}: '{server.User}' is no user name. Correct it on the server's page.");
        }

        if (server.Port is < 1 or > 65535)
        {
            throw new StepFailure($"{server.Name}: the port {server.Port} does not exist. Correct it on the server's page.");
        }

        return HostKey.Parse(server.HostKey)
            ?? throw new StepFailure($"{server.Name}: its host key is not confirmed yet. Confirm its host key first, on the server's page.");
    }

    /// <summary>Says whether a text can be a host for ssh and its tools.</summary>
    public static bool IsHost(string host) => HostForm().IsMatch(host);

    /// <summary>The file with which a connection is opened.</summary>
    /// <param name="server">The server, checked.</param>
    /// <param name="key">Its pinned key.</param>
    /// <param name="folder">The connection's folder.</param>
    /// <param name="jumpFolder">Folder of the open connection to go through, or null.</param>
    /// <param name="options">Limits.</param>
    public static string ForOpening(ServerAccess server, HostKey key, string folder, string? jumpFolder, SshOptions options)
    {
        var withKey = server.Kind == CredentialKind.SshKey;
        List<string> lines =
        [
            .. Common(folder),
            $"HostName {server.Host}",
            $"Port {server.Port.ToString(CultureInfo.InvariantCulture)}",
            $"User {server.User}",
            $"HostKeyAlias {Alias}",
            $"HostKeyAlgorithms {key.SignatureAlgorithms}",
            $"UserKnownHostsFile {folder}/known",
            "GlobalKnownHostsFile /dev/null",
            "StrictHostKeyChecking yes",
            "UpdateHostKeys no",
            "CheckHostIP no",
            $"BatchMode {(withKey ? "yes" : "no")}",
            "IdentitiesOnly yes",
            "IdentityAgent none",
            $"IdentityFile {(withKey ? folder + "/key" : "none")}",
            $"PubkeyAuthentication {(withKey ? "yes" : "no")}",
            $"PreferredAuthentications {(withKey ? "publickey" : "password,keyboard-interactive")}",
            "NumberOfPasswordPrompts 1",
            "LogLevel INFO",
            "GSSAPIAuthentication no",
            $"ConnectTimeout {Seconds(options.ConnectTimeout)}",
            "ConnectionAttempts 1",
            $"ServerAliveInterval {Seconds(options.AliveInterval)}",
            "ServerAliveCountMax 3",
            "TCPKeepAlive yes",
            "Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com",
            "ControlMaster yes",
            "ControlPersist no",
            // The one local command there is: its output says that the sign-in is done and the socket listens.
            "PermitLocalCommand yes",
            "LocalCommand echo up",
        ];
        if (jumpFolder is not null)
        {
            lines.Add($"ProxyCommand ssh -F {jumpFolder}/use -W [%h]:%p {Alias}");
        }

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The file with which an open connection is used. Without one it ends at once instead of signing in anew.</summary>
    public static string ForUse(string folder) =>
        string.Join('\n', [.. Common(folder), "ControlMaster no", "PermitLocalCommand no", "BatchMode yes", "IdentityFile none", "LogLevel QUIET", $"ProxyCommand /bin/sh -c 'echo {NoMaster} >&2'"]) + "\n";

    private static string[] Common(string folder) =>
    [
        $"Host {Alias}",
        $"ControlPath {folder}/s",
        "ForwardAgent no",
        "ForwardX11 no",
        "Tunnel no",
        "RequestTTY no",
        "EscapeChar none",
    ];

    private static string Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[A-Za-z0-9:][A-Za-z0-9._:-]{0,252}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HostForm();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.@$+-]{0,63}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UserForm();
}
