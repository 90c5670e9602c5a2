using System.Security.Cryptography;

namespace DevOps.Infrastructure.Git;

/// <summary>Host keys of git servers: which ones were met for the first time.</summary>
internal static class GitHostKeys
{
    /// <summary>The lines that are there now.</summary>
    public static HashSet<string> Read(string knownHosts) =>
        File.Exists(knownHosts) ? File.ReadAllLines(knownHosts).ToHashSet(StringComparer.Ordinal) : [];

    /// <summary>A sentence for each key that was added since.</summary>
    public static IEnumerable<string> SayNew(HashSet<string> before, HashSet<string> now)
    {
        foreach (var parts in now.Where(l => !before.Contains(l)).Select(l => l.Split(' ')).Where(p => p.Length >= 3))
        {
            var key = new byte[parts[2].Length];
            if (Convert.TryFromBase64String(parts[2], key, out var length))
            {
                var fingerprint = Convert.ToBase64String(SHA256.HashData(key.AsSpan(0, length))).TrimEnd('=');
                yield return $"First contact with {parts[0]}: its host key SHA256:{fingerprint} ({parts[1]}) is remembered, another one will be refused.";
            }
        }
    }
}
