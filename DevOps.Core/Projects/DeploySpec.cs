namespace DevOps.Core.Projects;

/// <summary>How a release is put on a server. Commands run under <c>/bin/sh -e</c> in the release's folder.</summary>
public sealed record DeploySpec
{
    /// <summary>The project's folder on each server, absolute; may hold <c>{host}</c>, <c>{server}</c>, <c>{environment}</c>, <c>{project}</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>How many releases stay on a server; the current and the one before are never removed.</summary>
    public int KeepReleases { get; init; } = 5;

    /// <summary>Paths linked into every release from the folder <c>shared</c>; one that ends with <c>/</c> is a folder.</summary>
    public IReadOnlyList<string> Shared { get; init; } = [];

    /// <summary>Commands before the switch.</summary>
    public IReadOnlyList<string> BeforeActivate { get; init; } = [];

    /// <summary>Commands after the switch that make the release run.</summary>
    public IReadOnlyList<string> Restart { get; init; } = [];

    /// <summary>Commands after the restart.</summary>
    public IReadOnlyList<string> AfterActivate { get; init; } = [];

    /// <summary>How what runs is started, stopped, asked and listened to without a deployment.</summary>
    public ControlSpec Control { get; init; } = new();

    /// <summary>How the running release is judged.</summary>
    public HealthSpec Health { get; init; } = new();

    /// <summary>In which portions the servers are taken.</summary>
    public RollingSpec Rolling { get; init; } = new();

    /// <summary>Whether servers already switched go back when one fails.</summary>
    public bool RollbackOnFailure { get; init; } = true;

    /// <summary>Whether every file is compared with the manifest on the server, not only those that were sent.</summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>Time limit of each command on a server, in seconds.</summary>
    public int CommandTimeoutSeconds { get; init; } = 600;
}

/// <summary>Commands for what runs on a server, outside of deployments. An empty one: this cannot be done. Restarting uses <see cref="DeploySpec.Restart"/>.</summary>
public sealed record ControlSpec
{
    /// <summary>Starts it.</summary>
    public string Start { get; init; } = "";

    /// <summary>Stops it.</summary>
    public string Stop { get; init; } = "";

    /// <summary>Says how it is doing; exit code 0 is good.</summary>
    public string Status { get; init; } = "";

    /// <summary>Prints its log and goes on printing: <c>journalctl -fu shop</c>, <c>tail -F log/app.log</c>.</summary>
    public string Log { get; init; } = "";
}

/// <summary>How a running release is judged. Neither address nor command: the restart's exit code is all there is.</summary>
public sealed record HealthSpec
{
    /// <summary>Address asked over HTTP by the platform; any 2xx or 3xx answer is good. May hold the placeholders of <see cref="DeploySpec.Path"/> and <c>{release}</c>.</summary>
    public string Url { get; init; } = "";

    /// <summary>Command run on the server; exit code 0 is good.</summary>
    public string Command { get; init; } = "";

    /// <summary>Time limit of one try, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = 5;

    /// <summary>How many tries there are.</summary>
    public int Retries { get; init; } = 10;

    /// <summary>Pause between tries, in seconds.</summary>
    public int IntervalSeconds { get; init; } = 2;
}

/// <summary>In which portions the servers are taken.</summary>
public sealed record RollingSpec
{
    /// <summary>Servers at once: a number (<c>3</c>) or a share of all (<c>25%</c>, rounded up).</summary>
    public string Batch { get; init; } = "25%";

    /// <summary>How many servers go first, all at once, before the batches; 0 for none.</summary>
    public int First { get; init; } = 1;

    /// <summary>Seconds that the first servers are watched before the others follow.</summary>
    public int SoakSeconds { get; init; }

    /// <summary>Whether a person has to say so before the others follow.</summary>
    public bool ConfirmAfterFirst { get; init; }

    /// <summary>How many servers may fail before the deployment does.</summary>
    public int MaxFailures { get; init; }

    /// <summary>The servers in the portions they are taken in: the first ones, then batches.</summary>
    /// <param name="servers">All servers, in order.</param>
    public IReadOnlyList<IReadOnlyList<T>> Portions<T>(IReadOnlyList<T> servers)
    {
        var first = Math.Min(First, servers.Count);
        IEnumerable<IReadOnlyList<T>> batches = servers.Skip(first).Chunk(BatchSize(servers.Count));
        return [.. first > 0 ? batches.Prepend([.. servers.Take(first)]) : batches];
    }

    /// <summary>Number of servers in one batch.</summary>
    /// <param name="servers">Number of servers in all.</param>
    public int BatchSize(int servers)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        if (Batch.EndsWith('%'))
        {
            var percent = int.Parse(Batch.AsSpan(0, Batch.Length - 1), System.Globalization.NumberStyles.None, culture);
            return Math.Max(1, (int)Math.Ceiling(servers * percent / 100.0));
        }

        return Math.Max(1, int.Parse(Batch, System.Globalization.NumberStyles.None, culture));
    }
}
