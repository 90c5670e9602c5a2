using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Net;

/// <summary>Opens the connections for addresses that people give, and refuses those that would turn the platform against its own house. A name is resolved
/// once, its addresses are judged, and the judged ones are connected to: an answer that changes in between (DNS rebinding) gains nothing.</summary>
public sealed class OutgoingGuard
{
    private readonly OutgoingOptions _options;
    private readonly IReadOnlyList<IPNetwork> _forbidden;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly ConcurrentDictionary<DnsEndPoint, bool> _house = new();

    /// <summary>Reads the settings.</summary>
    /// <param name="options">What is refused besides.</param>
    /// <param name="resolve">Finds the addresses of a name; the machine's resolver when left out.</param>
    /// <exception cref="FormatException">A forbidden network is none.</exception>
    public OutgoingGuard(IOptions<OutgoingOptions> options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _options = options.Value;
        _forbidden = [.. _options.Forbidden.Select(IPNetwork.Parse)];
        _resolve = resolve ?? ResolveAsync;
    }

    /// <summary>Refuses an endpoint of the house from now on: the database, the engine, the platform's own port.</summary>
    /// <param name="host">Name or address; that of any interface stands for this machine.</param>
    /// <param name="port">Port.</param>
    public void Protect(string host, int port) => _house[new DnsEndPoint(host, port)] = true;

    /// <summary>A handler for an <see cref="HttpClient"/> that reaches only what may be reached: no redirects, no cookies, no proxy.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromSeconds(1),
        ConnectCallback = async (context, cancellationToken) => await ConnectAsync(context.DnsEndPoint, cancellationToken),
    };

    /// <summary>Connects to an endpoint.</summary>
    /// <exception cref="AddressForbidden">It must not be asked.</exception>
    /// <exception cref="SocketException">It does not answer.</exception>
    public async Task<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        var allowed = new List<IPAddress>();
        foreach (var address in await _resolve(endpoint.Host, cancellationToken))
        {
            if (await MayAskAsync(address, endpoint.Port, cancellationToken))
            {
                allowed.Add(address);
            }
        }

        if (allowed.Count == 0)
        {
            throw new AddressForbidden();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. allowed], endpoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<bool> MayAskAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var plain = ForbiddenAddresses.Unwrap(address);
        if (ForbiddenAddresses.Contains(address) || _forbidden.Any(network => network.Contains(plain)) || (!_options.AllowLoopback && IPAddress.IsLoopback(plain)))
        {
            return false;
        }

        foreach (var part in _house.Keys.Where(part => part.Port == port))
        {
            if (await IsSameMachineAsync(part.Host, plain, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> IsSameMachineAsync(string host, IPAddress asked, CancellationToken cancellationToken)
    {
        try
        {
            var own = (await _resolve(host, cancellationToken)).Select(ForbiddenAddresses.Unwrap).ToList();
            return own.Contains(asked) || (own.Exists(IsHere) && IsHere(asked));
        }
        catch (SocketException)
        {
            // A name that leads nowhere protects nothing; that part of the house is out of reach for us too.
            return false;
        }
    }

    // The resolver refuses 0.0.0.0 and :: with an error of its own; here they are addresses like others, to be judged.
    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);

    private static bool IsHere(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        || NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Any(a => ForbiddenAddresses.Unwrap(a.Address).Equals(address));
}
