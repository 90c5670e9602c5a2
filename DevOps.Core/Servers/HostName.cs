using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace DevOps.Core.Servers;

/// <summary>The forms of what ssh is told to reach and to sign in as.</summary>
public static partial class HostName
{
    /// <summary>Says whether a text is a host name, an IPv4 or an IPv6 address. Nothing that ssh would read as an option or expand (<c>-…</c>, <c>%h</c>) is one.</summary>
    public static bool IsHost(string text)
    {
        if (text.Length is 0 or > 253)
        {
            return false;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return Ip6().IsMatch(text) && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        }

        // Digits and dots only: a whole IPv4 address or nothing, since "127.1" and "2130706433" mean addresses to some resolvers.
        return text.All(c => char.IsAsciiDigit(c) || c == '.') ? Ip4().IsMatch(text) : Name().IsMatch(text);
    }

    /// <summary>Says whether a text is a user name of a POSIX system.</summary>
    public static bool IsUser(string text) => User().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\z)|\z)){4}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ip4();

    [GeneratedRegex(@"\A[0-9A-Fa-f:.]{2,45}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ip6();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_$-]?\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex User();
}
