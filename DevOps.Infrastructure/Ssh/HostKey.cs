using System.Security.Cryptography;

namespace DevOps.Infrastructure.Ssh;

/// <summary>A host's public key, as it stands in a <c>known_hosts</c> file after the host.</summary>
public sealed record HostKey(string Algorithm, string Blob)
{
    /// <summary>OpenSSH's fingerprint: SHA-256 over the key's bytes, base64 without padding.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Blob))).TrimEnd('=');

    /// <summary>The signature algorithms with which this key, and no other, can be shown.</summary>
    public string SignatureAlgorithms => string.Equals(Algorithm, "ssh-rsa", StringComparison.Ordinal) ? "rsa-sha2-512,rsa-sha2-256" : Algorithm;

    /// <summary>Reads <c>ssh-ed25519 AAAA…</c>; null when it is none.</summary>
    public static HostKey? Parse(string? text)
    {
        var words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length < 2 || !words[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '@' or '.'))
        {
            return null;
        }

        var bytes = new byte[words[1].Length];
        return Convert.TryFromBase64String(words[1], bytes, out var length) && length > 0 ? new HostKey(words[0], words[1]) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm} {Blob}";
}
