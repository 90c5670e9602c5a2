using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DevOps.Core.Notifications;

/// <summary>Signs as the Standard Webhooks specification says (www.standardwebhooks.com): <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
public static class StandardSignature
{
    private const string Prefix = "whsec_";

    /// <summary>Says whether a text can be a key: anything, but base64 after <c>whsec_</c>.</summary>
    public static bool IsKey(string secret) => !secret.StartsWith(Prefix, StringComparison.Ordinal) || Convert.TryFromBase64String(secret[Prefix.Length..], new byte[secret.Length], out _);

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="secret">The key: base64 after <c>whsec_</c>, otherwise the text itself.</param>
    /// <param name="id">Value of <c>webhook-id</c>.</param>
    /// <param name="timestamp">Value of <c>webhook-timestamp</c>, in seconds since 1970.</param>
    /// <param name="body">The body as it is sent.</param>
    public static string Sign(string secret, string id, long timestamp, string body)
    {
        var key = secret.StartsWith(Prefix, StringComparison.Ordinal) ? Convert.FromBase64String(secret[Prefix.Length..]) : Encoding.UTF8.GetBytes(secret);
        var content = string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(content)));
    }
}
