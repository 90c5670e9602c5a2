using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevOps.Core.Notifications.Messages;

/// <summary>Puts a message into the form each service documents, signed the way it documents.</summary>
public static class ChannelRequests
{
    // People read these bodies in logs of receivers; what is not ASCII stays readable.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the request.</summary>
    /// <param name="kind">Every kind but mail.</param>
    /// <param name="url">The channel's address.</param>
    /// <param name="secret">The channel's signing secret; empty when it has none.</param>
    /// <param name="message">What is told.</param>
    /// <param name="now">The time that is signed.</param>
    public static ChannelRequest Make(ChannelKind kind, Uri url, string secret, DeploymentMessage message, DateTimeOffset now) => kind switch
    {
        ChannelKind.Dingtalk => new(SignDingtalk(url, secret, now), Text(ChatBodies.Dingtalk(message)), []),
        ChannelKind.Feishu => new(url, Text(SignFeishu(ChatBodies.Feishu(message), secret, now)), []),
        ChannelKind.Wecom => new(url, Text(ChatBodies.Wecom(message)), []),
        ChannelKind.Slack => new(url, Text(ChatBodies.Slack(message)), []),
        ChannelKind.Teams => new(url, Text(ChatBodies.Teams(message)), []),
        ChannelKind.Webhook => Webhook(url, secret, message, now),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Mail is not posted."),
    };

    // open.dingtalk.com, "Customize robot security settings": base64(HMAC-SHA256(secret, timestamp + "\n" + secret)) in the query, milliseconds.
    private static Uri SignDingtalk(Uri url, string secret, DateTimeOffset now)
    {
        if (secret.Length == 0)
        {
            return url;
        }

        var timestamp = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var sign = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}\n{secret}")));
        var query = url.Query.Length > 1 ? url.Query + "&" : "?";
        return new UriBuilder(url) { Query = $"{query}timestamp={timestamp}&sign={Uri.EscapeDataString(sign)}" }.Uri;
    }

    // open.feishu.cn, "Custom bot usage guide": the key is timestamp + "\n" + secret and nothing is hashed; seconds; both in the body.
    private static JsonObject SignFeishu(JsonObject body, string secret, DateTimeOffset now)
    {
        if (secret.Length > 0)
        {
            var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            body["timestamp"] = timestamp;
            body["sign"] = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{timestamp}\n{secret}"), Array.Empty<byte>()));
        }

        return body;
    }

    private static ChannelRequest Webhook(Uri url, string secret, DeploymentMessage message, DateTimeOffset now)
    {
        var body = Text(ChatBodies.Webhook(message));
        var timestamp = now.ToUnixTimeSeconds();
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["webhook-id"] = message.Id,
            ["webhook-timestamp"] = timestamp.ToString(CultureInfo.InvariantCulture),
        };
        if (secret.Length > 0)
        {
            headers["webhook-signature"] = StandardSignature.Sign(secret, message.Id, timestamp, body);
        }

        return new ChannelRequest(url, body, [.. headers]);
    }

    private static string Text(JsonObject body) => body.ToJsonString(Readable);
}
