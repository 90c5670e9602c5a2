namespace DevOps.Infrastructure.Logs;

/// <summary>Limits of the log. Section <c>DevOps:Log</c>.</summary>
public sealed class LogOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "DevOps:Log";

    /// <summary>Most text of one deployment, in bytes; what comes after it is not kept. Default 256 MiB.</summary>
    public long MaxBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Longest a line waits for others to be stored with. Default 100 ms.</summary>
    public TimeSpan BatchTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Text of one batch, in bytes. Default 64 KiB.</summary>
    public int BatchBytes { get; set; } = 64 * 1024;

    /// <summary>Most pieces of output (of up to 8 KiB) of one deployment that wait for the database before the step itself has to wait. Default 512: up to 4 MiB.</summary>
    public int Buffer { get; set; } = 512;

    /// <summary>How often a follower looks into the store when nobody tells it to.</summary>
    public TimeSpan SlowPoll { get; set; } = TimeSpan.FromSeconds(2);
}
