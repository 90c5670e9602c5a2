using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Asks over HTTP. Addresses are checked after their names were resolved, so that a name cannot hide a forbidden one.</summary>
public sealed class HttpHealthProbe : IHealthProbe, IDisposable
{
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <summary>Makes a probe.</summary>
    /// <param name="database">Host and port of the platform's database, which must not be reached; null for one on a socket file.</param>
    /// <param name="time">Measures.</param>
    public HttpHealthProbe(DnsEndPoint? database, TimeProvider time)
    {
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromSeconds(1),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
                var allowed = addresses.Where(a => !IsForbidden(a) && !IsDatabase(database, context.DnsEndPoint)).ToArray();
                if (allowed.Length == 0)
                {
                    throw new AddressForbidden();
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
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

    /// <summary>Says whether an address belongs to a cloud's metadata service or to no single machine.</summary>
    internal static bool IsForbidden(IPAddress address)
    {
        var ip = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (ip.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return ip.IsIPv6LinkLocal || ip.IsIPv6Multicast || ip.Equals(IPAddress.IPv6Any) || ip.Equals(IPAddress.Parse("fd00:ec2::254"));
        }

        var bytes = ip.GetAddressBytes();
        return (bytes[0] == 169 && bytes[1] == 254) || bytes[0] is 0 or >= 224 || ip.Equals(IPAddress.Parse("100.100.100.200"));
    }

    private static bool IsDatabase(DnsEndPoint? database, DnsEndPoint asked) =>
        database is not null && database.Port == asked.Port && string.Equals(database.Host, asked.Host, StringComparison.OrdinalIgnoreCase);

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

    private sealed class AddressForbidden : HttpRequestException, ISaid
    {
        public Sentence Said => "this address must not be asked";
    }
}
