using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Secrets;

namespace DevOps.Core.Webhooks;

/// <summary>Says whether a delivery comes from someone who knows the project's secret. Works on the raw bytes, before anything is parsed, and
/// in a time that does not depend on where the difference lies: every secret is tried, whatever the first one gave.</summary>
public static class WebhookSignature
{
    /// <summary>How old or new a signed GitLab delivery may be (Standard Webhooks).</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>How old or new a signed Gitee delivery may be.</summary>
    public static readonly TimeSpan GiteeTolerance = TimeSpan.FromHours(1);

    private const string Sha256 = "sha256=";
    private const string SecretPrefix = "whsec_";

    /// <summary>Checks a delivery.</summary>
    /// <param name="provider">Who claims to send it.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="body">Its bytes as they came.</param>
    /// <param name="secrets">Secrets that are accepted; at least one.</param>
    /// <param name="now">The time (UTC).</param>
    public static SignatureAnswer Check(WebhookProvider provider, WebhookHeaders headers, ReadOnlySpan<byte> body, IReadOnlyList<Sensitive> secrets, DateTimeOffset now) => provider switch
    {
        WebhookProvider.Github => CheckHex(headers["X-Hub-Signature-256"], Sha256, body, secrets),
        WebhookProvider.Bitbucket => CheckHex(headers["X-Hub-Signature"], Sha256, body, secrets),
        WebhookProvider.Gitea => CheckHex(headers.First("X-Forgejo-Signature", "X-Gitea-Signature", "X-Gogs-Signature"), "", body, secrets),
        WebhookProvider.Gitlab => headers["webhook-signature"] is { } signatures
            ? CheckStandard(signatures, headers["webhook-id"], headers["webhook-timestamp"], body, secrets, now)
            : CheckToken(headers["X-Gitlab-Token"], secrets),
        WebhookProvider.Gitee => CheckGitee(headers["X-Gitee-Token"], headers["X-Gitee-Timestamp"], secrets, now),
        _ => CheckToken(Bearer(headers["Authorization"]), secrets),
    };

    private static SignatureAnswer CheckHex(string? header, string prefix, ReadOnlySpan<byte> body, IReadOnlyList<Sensitive> secrets)
    {
        if (header is null)
        {
            return SignatureAnswer.Missing;
        }

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var readable = header.Length == prefix.Length + (2 * given.Length)
            && header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && Convert.FromHexString(header.AsSpan(prefix.Length), given, out _, out _) == System.Buffers.OperationStatus.Done;
        Span<byte> own = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var good = false;
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), body, own);
            good |= CryptographicOperations.FixedTimeEquals(own, given);
        }

        return readable && good ? SignatureAnswer.Good : SignatureAnswer.Wrong;
    }

    // Both sides are hashed first, so that not even the length of the secret shows.
    private static SignatureAnswer CheckToken(string? token, IReadOnlyList<Sensitive> secrets)
    {
        if (token is null)
        {
            return SignatureAnswer.Missing;
        }

        var given = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        var good = false;
        foreach (var secret in secrets)
        {
            good |= CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal())), given);
        }

        return good ? SignatureAnswer.Good : SignatureAnswer.Wrong;
    }

    // Standard Webhooks: HMAC-SHA256 over id.timestamp.body; several signatures are parted by blanks.
    private static SignatureAnswer CheckStandard(string signatures, string? id, string? timestamp, ReadOnlySpan<byte> body, IReadOnlyList<Sensitive> secrets, DateTimeOffset now)
    {
        if (id is null || timestamp is null)
        {
            return SignatureAnswer.Missing;
        }

        var head = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        var given = signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(10)
            .Where(s => s.StartsWith("v1,", StringComparison.Ordinal)).Select(s => FromBase64(s[3..])).OfType<byte[]>().ToList();
        var good = false;
        foreach (var key in secrets.SelectMany(StandardKeys))
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(head);
            hmac.AppendData(body);
            var own = hmac.GetHashAndReset();
            good = given.Aggregate(good, (any, signature) => any | CryptographicOperations.FixedTimeEquals(own, signature));
        }

        return !good ? SignatureAnswer.Wrong : IsNear(timestamp, now, Tolerance) ? SignatureAnswer.Good : SignatureAnswer.Stale;
    }

    // The specification signs with the bytes behind whsec_; some senders take the text as it is.
    private static IEnumerable<byte[]> StandardKeys(Sensitive secret)
    {
        var text = secret.Reveal();
        yield return Encoding.UTF8.GetBytes(text);
        if (FromBase64(text.StartsWith(SecretPrefix, StringComparison.Ordinal) ? text[SecretPrefix.Length..] : text) is { } key)
        {
            yield return key;
        }
    }

    private static SignatureAnswer CheckGitee(string? token, string? timestamp, IReadOnlyList<Sensitive> secrets, DateTimeOffset now)
    {
        if (CheckToken(token, secrets) is not SignatureAnswer.Wrong and var answer)
        {
            return answer;
        }

        var given = FromBase64(Uri.UnescapeDataString(token!)) ?? [];
        var good = false;
        foreach (var secret in secrets)
        {
            var own = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), Encoding.UTF8.GetBytes($"{timestamp}\n{secret.Reveal()}"));
            good |= CryptographicOperations.FixedTimeEquals(own, given);
        }

        return !good ? SignatureAnswer.Wrong : IsNear(timestamp, now, GiteeTolerance) ? SignatureAnswer.Good : SignatureAnswer.Stale;
    }

    // Gitee counts milliseconds, Standard Webhooks seconds.
    private static bool IsNear(string? timestamp, DateTimeOffset now, TimeSpan tolerance)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 100_000_000_000_000)
        {
            return false;
        }

        var at = number > 100_000_000_000 ? DateTimeOffset.FromUnixTimeMilliseconds(number) : DateTimeOffset.FromUnixTimeSeconds(number);
        return (now - at).Duration() <= tolerance;
    }

    private static string? Bearer(string? header) =>
        header is not null && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header[7..].Trim() is { Length: > 0 } token ? token : null;

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Base64.IsValid(text) && Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}

/// <summary>What came of checking a delivery.</summary>
public enum SignatureAnswer
{
    /// <summary>It comes from someone who knows the secret.</summary>
    Good,

    /// <summary>It bears no signature or token.</summary>
    Missing,

    /// <summary>Its signature or token does not fit.</summary>
    Wrong,

    /// <summary>It was signed too long ago, or by a clock that is far off.</summary>
    Stale,
}
