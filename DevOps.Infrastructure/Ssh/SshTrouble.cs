using System.Text.RegularExpressions;
using DevOps.Core.Credentials;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Turns ssh's words into plain ones, with the way out.</summary>
internal static partial class SshTrouble
{
    /// <summary>Says whether ssh refused because of the host's key.</summary>
    public static bool IsHostKey(string error) =>
        error.Contains("Host key verification failed", StringComparison.Ordinal) || error.Contains("no matching host key type", StringComparison.Ordinal);

    /// <summary>The fingerprint that ssh saw, when it says so.</summary>
    public static string? PresentedFingerprint(string error) =>
        Presented().Match(error) is { Success: true } match ? match.Groups["print"].Value : null;

    /// <summary>Why a connection could not be opened.</summary>
    public static Sentence Explain(ServerAccess server, string error)
    {
        var where = $"{server.Host}:{server.Port}";
        bool Says(string text) => error.Contains(text, StringComparison.OrdinalIgnoreCase);

        return error switch
        {
            _ when Says("Could not resolve hostname") => Sentence.Of($"the host name {server.Host} is unknown. Correct it, or the name server."),
            _ when Says("Connection refused") => $"the connection to {where} was refused. Is sshd running there, and is the port right?",
            _ when Says("timed out") => $"{where} does not answer. Is the machine on, and does a firewall stand between?",
            _ when Says("No route to host") || Says("Network is unreachable") => $"there is no way through the network to {where}.",
            _ when Says("Load key") || Says("error in libcrypto") || Says("passphrase") => "the private key cannot be read. Store it as a key in OpenSSH's format without a passphrase.",
            _ when Says("Permission denied") => server.Kind == CredentialKind.SshKey
                ? Sentence.Of($"{server.User} may not sign in with this key. Add the credential's public key to ~{server.User}/.ssh/authorized_keys.")
                : $"{server.User} may not sign in with this password. Correct the credential, or allow passwords in the server's sshd_config.",
            _ when Says("no matching cipher") || Says("no matching key exchange") || Says("no matching MAC") => $"{where} speaks only outdated cryptography. Update its sshd. ({LastLine(error)})",
            _ when Says("Connection closed") || Says("Connection reset") || Says("kex_exchange_identification") =>
                $"{where} closed the connection before the sign-in. Look into its log for sshd (MaxStartups, fail2ban, hosts.deny).",
            _ => $"the connection to {where} could not be opened: {LastLine(error)}",
        };
    }

    /// <summary>The last line that says something.</summary>
    public static Sentence LastLine(string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() is { } line ? Sentence.Verbatim(line) : "ssh gave no reason.";

    [GeneratedRegex(@"key sent by the remote host is\s+(?<print>SHA256:[A-Za-z0-9+/]+)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Presented();
}
