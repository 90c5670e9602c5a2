using System.Globalization;

namespace DevOps.Infrastructure.Docker;

/// <summary>Makes a line now and then out of the many ticks of a pull.</summary>
public sealed class PullProgress(string image, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Layer> _layers = [];
    private long _last = time.GetTimestamp();

    /// <summary>What went wrong, in the engine's words. The answer's code has said 200 long before.</summary>
    public string? Error { get; private set; }

    /// <summary>Takes one tick.</summary>
    /// <returns>A line for the log, or null when the last one is too recent.</returns>
    public string? Take(PullTick tick)
    {
        Error = tick.ErrorDetail?.Message ?? tick.Error ?? Error;
        if (tick.Id is not { Length: > 0 } id || !Track(id, tick) || time.GetElapsedTime(_last) < Interval)
        {
            return null;
        }

        _last = time.GetTimestamp();
        return Summary();
    }

    /// <summary>Where the pull stands.</summary>
    public string Summary()
    {
        var done = _layers.Values.Count(l => l.Done);
        var (got, all) = (_layers.Values.Sum(l => l.Done ? l.Total : l.Got), _layers.Values.Sum(l => l.Total));
        return string.Create(CultureInfo.InvariantCulture, $"pulling image {image}: {done} of {_layers.Count} layers, {got / 1e6:0.0} of {all / 1e6:0.0} MB");
    }

    private bool Track(string id, PullTick tick)
    {
        var before = _layers.GetValueOrDefault(id);
        Layer? now = tick.Status switch
        {
            "Pulling fs layer" or "Waiting" => before,
            "Downloading" => new Layer(tick.ProgressDetail?.Current ?? 0, Math.Max(tick.ProgressDetail?.Total ?? 0, before.Total), Done: false),
            "Pull complete" or "Already exists" => before with { Done = true },
            "Download complete" or "Verifying Checksum" or "Extracting" => before with { Got = before.Total },
            _ => null,
        };
        if (now is { } layer)
        {
            _layers[id] = layer;
        }

        return now is not null;
    }

    private readonly record struct Layer(long Got, long Total, bool Done);
}

/// <summary>One tick of a pull, as the engine sends it.</summary>
public sealed record PullTick
{
    /// <summary>What happens.</summary>
    public string? Status { get; init; }

    /// <summary>The layer it happens to; the tag in the first tick.</summary>
    public string? Id { get; init; }

    /// <summary>How far it is.</summary>
    public PullDetail? ProgressDetail { get; init; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; init; }

    /// <summary>The same once more.</summary>
    public PullError? ErrorDetail { get; init; }
}

/// <summary>Bytes of a layer.</summary>
public sealed record PullDetail(long Current, long Total);

/// <summary>What went wrong.</summary>
public sealed record PullError(string? Message);
