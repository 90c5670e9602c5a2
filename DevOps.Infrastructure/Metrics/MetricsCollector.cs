using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace DevOps.Infrastructure.Metrics;

/// <summary>Listens to the process's meters and keeps one number (or histogram) per series, from the start of the process on.</summary>
public sealed class MetricsCollector : IHostedService, IDisposable
{
    /// <summary>Most series of one instrument; measurements beyond go into one series labelled <c>overflow</c>.</summary>
    public const int MostSeries = 200;

    private static readonly HashSet<string> Meters = new(StringComparer.Ordinal) { PlatformMeter.Name, "System.Runtime" };
    private static readonly HashSet<string> Instruments = new(StringComparer.Ordinal) { "http.server.request.duration", "http.server.active_requests" };

    // Other labels of the framework repeat themselves or have too many values.
    private static readonly HashSet<string> Labels = new(StringComparer.Ordinal)
    {
        "status", "provider", "code", "kind", "outcome", "http.request.method", "http.route", "http.response.status_code", "gc.heap.generation", "cpu.mode",
    };

    private readonly MeterListener _listener = new();
    // By name: a meter that is made twice (two hosts in one process) counts into the same series.
    private readonly ConcurrentDictionary<string, (Instrument Instrument, ConcurrentDictionary<string, MetricSeries> Series)> _instruments = new(StringComparer.Ordinal);

    /// <summary>Begins to listen.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Meters.Contains(instrument.Meter.Name) || Instruments.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Everything as Prometheus text.</summary>
    internal void Write(PrometheusText text)
    {
        _listener.RecordObservableInstruments();
        foreach (var (instrument, series) in _instruments.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => i.Value))
        {
            text.Write(instrument, series);
        }
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (_, all) = _instruments.GetOrAdd(instrument.Name, static (_, first) => (first, new ConcurrentDictionary<string, MetricSeries>(StringComparer.Ordinal)), instrument);
        var labels = PrometheusText.Labels(tags, Labels);
        if (!all.TryGetValue(labels, out var series))
        {
            series = all.GetOrAdd(all.Count < MostSeries ? labels : """overflow="true" """.TrimEnd(), _ => MetricSeries.Of(instrument));
        }

        series.Note(value);
    }
}
