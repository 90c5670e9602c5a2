using System.Net;
using System.Net.Sockets;

namespace DevOps.Infrastructure.Net;

/// <summary>Addresses that no outgoing request may reach, whoever asks: metadata services of clouds, and what is no single machine.</summary>
internal static class ForbiddenAddresses
{
    // Link-local (AWS, Azure, Google, OpenStack and others keep their metadata at 169.254.169.254), AWS over IPv6, Alibaba, Oracle, Azure's wire server.
    private static readonly IPNetwork[] Networks =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("100.100.100.200/32"), IPNetwork.Parse("192.0.0.192/32"), IPNetwork.Parse("168.63.129.16/32"),
        IPNetwork.Parse("::/128"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("fd00:ec2::254/128"),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Says whether an address is one of them, also when it is an IPv4 address inside an IPv6 one.</summary>
    public static bool Contains(IPAddress address)
    {
        var plain = Unwrap(address);
        return Array.Exists(Networks, network => network.Contains(plain));
    }

    /// <summary>The IPv4 address that an IPv6 one stands for (mapped, NAT64, 6to4), or the address itself without its zone.</summary>
    public static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
            : Translated.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : new IPAddress(bytes);
    }
}
