using DevOps.Core.Refusals;

namespace DevOps.Core.Servers;

/// <summary>What a check found out about a server. Everything but <see cref="Reachable"/> is null when it could not be read.</summary>
public sealed record ServerCheck
{
    /// <summary>True when a command ran over SSH with the pinned key.</summary>
    public required bool Reachable { get; init; }

    /// <summary>Time of one command over an open connection, in milliseconds.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>Operating system and kernel, such as <c>Debian GNU/Linux 12 · Linux 6.1 x86_64</c>.</summary>
    public string? System { get; init; }

    /// <summary>Login shell of the user.</summary>
    public string? Shell { get; init; }

    /// <summary>Tools a deployment needs that are not there.</summary>
    public IReadOnlyList<string> MissingTools { get; init; } = [];

    /// <summary>Whether files can be written where projects are deployed to (or in the home folder when no project uses the server).</summary>
    public bool? PathWritable { get; init; }

    /// <summary>Server's clock minus ours, in seconds.</summary>
    public double? ClockSkewSeconds { get; init; }

    /// <summary>Free space where projects are deployed to, in bytes.</summary>
    public long? DiskFreeBytes { get; init; }

    /// <summary>Load average over one minute.</summary>
    public double? Load1 { get; init; }

    /// <summary>Memory available to new processes, in bytes.</summary>
    public long? MemoryFreeBytes { get; init; }

    /// <summary>What went wrong and what to do, or null.</summary>
    public Sentence? Error { get; init; }

    /// <summary>Fingerprint that is pinned, given when the server showed another one.</summary>
    public string? PinnedFingerprint { get; init; }

    /// <summary>Fingerprint that the server showed instead of the pinned one.</summary>
    public string? PresentedFingerprint { get; init; }
}
