using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DevOps.Core.Notifications;
using DevOps.Core.Notifications.Messages;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Posts a message to a channel's address and understands the answer. Follows no redirects, and reads no more than it needs.</summary>
/// <param name="handler">Opens connections; decides which addresses may be reached.</param>
/// <param name="patience">How long one try may take.</param>
public sealed class ChannelPost(HttpMessageHandler handler, TimeSpan patience) : IDisposable
{
    private const int LongestAnswer = 16 * 1024;

    private readonly HttpClient _client = new(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Makes one try.</summary>
    public async Task<SendAnswer> SendAsync(ChannelKind kind, ChannelRequest request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, request.Url) { Content = new StringContent(request.Body, Encoding.UTF8, "application/json") };
            message.Headers.UserAgent.ParseAdd("DevOps-Notifications/1.0");
            foreach (var (name, value) in request.Headers)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return Judge(kind, answer, await ReadAsync(answer, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendAnswer.Later($"no answer within {patience.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return SendAnswer.Later(Words(e));
        }
    }

    private static SendAnswer Judge(ChannelKind kind, HttpResponseMessage answer, string body)
    {
        var code = (int)answer.StatusCode;
        var words = $"{code} {body}";
        return code switch
        {
            >= 200 and < 300 => Refusal(kind, body) is { } refusal ? SendAnswer.Later(refusal) : SendAnswer.Taken(words),
            >= 300 and < 400 => SendAnswer.Never($"{code}: it points to another address; enter that one in the channel"),
            408 or 425 or 429 => SendAnswer.Later(words, answer.Headers.RetryAfter?.Delta),
            < 500 => SendAnswer.Never(words),
            _ => SendAnswer.Later(words, answer.Headers.RetryAfter?.Delta),
        };
    }

    // DingTalk, WeCom (errcode) and Feishu (code, StatusCode) say 200 and mean no.
    private static string? Refusal(ChannelKind kind, string body)
    {
        string[] fields = kind switch
        {
            ChannelKind.Dingtalk or ChannelKind.Wecom => ["errcode"],
            ChannelKind.Feishu => ["code", "StatusCode"],
            _ => [],
        };
        if (fields.Length == 0)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            var codes = json.RootElement.ValueKind == JsonValueKind.Object
                ? fields.Where(f => json.RootElement.TryGetProperty(f, out var c) && c.ValueKind == JsonValueKind.Number).Select(f => json.RootElement.GetProperty(f).GetInt64()).ToList()
                : [];
            return codes.Count > 0 && codes.TrueForAll(c => c == 0) ? null : body;
        }
        catch (JsonException)
        {
            return $"this is not an answer of the service: {body}";
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestAnswer];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static string Words(Exception e) => (e.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no way to the host",
        SocketError.HostNotFound or SocketError.TryAgain => "unknown host",
        _ => (e as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => "the certificate is not trusted",
            HttpRequestError.NameResolutionError => "unknown host",
            HttpRequestError.ResponseEnded => "the connection was closed without an answer",
            _ => e.InnerException?.Message ?? e.Message,
        },
    };
}
