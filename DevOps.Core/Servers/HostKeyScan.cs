namespace DevOps.Core.Servers;

/// <summary>One key that a server showed.</summary>
/// <param name="Algorithm">Such as <c>ssh-ed25519</c>.</param>
/// <param name="Key">The key as in a <c>known_hosts</c> file without the host.</param>
/// <param name="Fingerprint">OpenSSH's fingerprint, <c>SHA256:…</c>.</param>
public sealed record ScannedHostKey(string Algorithm, string Key, string Fingerprint);
