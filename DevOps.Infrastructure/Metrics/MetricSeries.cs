using System.Diagnostics.Metrics;

namespace DevOps.Infrastructure.Metrics;

/// <summary>One line of numbers: a sum, the last value, or a histogram.</summary>
internal sealed class MetricSeries
{
    private static readonly double[] UsualBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _lock = new();
    private readonly bool _adds;
    private readonly long[] _buckets;
    private double _value;
    private long _count;

    private MetricSeries(bool adds, double[]? bounds)
    {
        _adds = adds;
        Bounds = bounds;
        _buckets = new long[bounds?.Length ?? 0];
    }

    /// <summary>Upper ends of the buckets; null for what is no histogram.</summary>
    public double[]? Bounds { get; }

    public static MetricSeries Of(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => new(adds: true, histogram.Advice?.HistogramBucketBoundaries?.ToArray() ?? UsualBounds),

        // What is observed is a total already.
        { IsObservable: true } => new(adds: false, bounds: null),
        _ => new(adds: !instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal), bounds: null),
    };

    public void Note(double value)
    {
        lock (_lock)
        {
            _value = _adds ? _value + value : value;
            _count++;
            for (var i = 0; i < _buckets.Length; i++)
            {
                if (value <= Bounds![i])
                {
                    _buckets[i]++;
                }
            }
        }
    }

    /// <summary>Value or sum, number of measurements, and how many of them were below each bound.</summary>
    public (double Value, long Count, long[] Buckets) Read()
    {
        lock (_lock)
        {
            return (_value, _count, [.. _buckets]);
        }
    }
}
