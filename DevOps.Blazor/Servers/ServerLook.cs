using System.Globalization;
using DevOps.Blazor.Ui;
using DevOps.Core.Releases;
using DevOps.Core.Servers;

namespace DevOps.Blazor.Servers;

/// <summary>What is said of a server: its status and the numbers of its last check.</summary>
public static class ServerLook
{
    private const string Nothing = "–";

    /// <summary>The status.</summary>
    public static StatusLook Of(Server server) =>
        StatusLook.OfServer(server.LastCheck?.Reachable, server.HostKey is not null, server.LastCheck?.PresentedFingerprint is not null);

    /// <summary>User, host and, where it is not 22, port.</summary>
    public static string Address(Server server) =>
        server.Port == 22 ? $"{server.User}@{server.Host}" : string.Create(CultureInfo.InvariantCulture, $"{server.User}@{server.Host}:{server.Port}");

    /// <summary>Time of one command.</summary>
    public static string Latency(ServerCheck? check) =>
        check?.LatencyMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms") : Nothing;

    /// <summary>Load average over a minute.</summary>
    public static string Load(ServerCheck? check) => check?.Load1 is { } load ? load.ToString("0.00", CultureInfo.InvariantCulture) : Nothing;

    /// <summary>A size.</summary>
    public static string Bytes(long? bytes) => bytes is { } some ? ByteSize.Text(some) : Nothing;

    /// <summary>Server's clock minus ours.</summary>
    public static string Skew(ServerCheck check) =>
        check.ClockSkewSeconds is { } skew ? string.Create(CultureInfo.InvariantCulture, $"{skew:+0.0;-0.0;0.0} s") : Nothing;
}
