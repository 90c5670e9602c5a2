namespace DevOps.Infrastructure.Ssh;

/// <summary>Limits of the connections to servers.</summary>
public sealed record SshOptions
{
    /// <summary>Folder in which the private folder of this process is made; null for the runtime folder of the user or <c>/tmp</c>.
    /// Must be short: a socket's path ends at 108 bytes.</summary>
    public string? Folder { get; init; }

    /// <summary>Time limit of one attempt to reach a server (TCP and greeting).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit of opening a connection as a whole, sign-in included.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a connection is asked for a sign of life; the third unanswered question ends it.</summary>
    public TimeSpan AliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an unused connection is kept.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a command that was cancelled may take to end before the wait for it does.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Connections that are opened at once: key exchanges are the expensive part.</summary>
    public int Handshakes { get; init; } = 4;

    /// <summary>Commands at once over one connection; sshd allows 10 by default.</summary>
    public int Sessions { get; init; } = 8;

    /// <summary>Bytes of uploads that may be on their way at once, over all servers.</summary>
    public long BytesInFlight { get; init; } = 64L * 1024 * 1024;
}
