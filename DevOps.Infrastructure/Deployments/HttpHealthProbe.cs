using System.Diagnostics;
using System.Net.Sockets;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Net;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Asks over HTTP, and only what <see cref="OutgoingGuard"/> lets it ask.</summary>
public sealed class HttpHealthProbe : IHealthProbe, IDisposable
{
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <summary>Makes a probe.</summary>
    /// <param name="guard">Says what may be asked.</param>
    /// <param name="time">Measures.</param>
    public HttpHealthProbe(OutgoingGuard guard, TimeProvider time)
    {
        _time = time;
        _client = new HttpClient(guard.Handler()) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("DevOps-Health/1.0");
    }

    /// <inheritdoc/>
    public async Task<HealthAnswer> AskAsync(string url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return new HealthAnswer(false, "the address is not an http or https one");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var began = _time.GetTimestamp();
        try
        {
            using var answer = await _client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var code = (int)answer.StatusCode;
            return new HealthAnswer(code is >= 200 and < 400, $"{code} in {_time.GetElapsedTime(began).TotalMilliseconds:0} ms");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthAnswer(false, $"no answer within {timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e)
        {
            return new HealthAnswer(false, Words(e));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static Sentence Words(HttpRequestException e) => (e.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => Sentence.Of("connection refused"),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no way to the host",
        SocketError.HostNotFound or SocketError.TryAgain => "unknown host",
        _ => e.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => Sentence.Of("the certificate is not trusted"),
            HttpRequestError.NameResolutionError => "unknown host",
            HttpRequestError.ResponseEnded => "the connection was closed without an answer",
            _ => Sentence.Of(e.InnerException ?? e),
        },
    };
}
