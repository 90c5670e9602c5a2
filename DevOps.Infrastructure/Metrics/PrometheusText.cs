using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DevOps.Infrastructure.Metrics;

/// <summary>Writes the text format of Prometheus (version 0.0.4): names with underscores, unit and <c>_total</c> at the end.</summary>
public sealed class PrometheusText
{
    private const int LongestValue = 120;
    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>Writes numbers that were looked up for this answer.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="help">What it is.</param>
    /// <param name="values">Labels (<c>a="b"</c>) and value.</param>
    internal void Gauge(string name, string help, IEnumerable<(string Labels, double Value)> values)
    {
        Head(name, "gauge", help);
        foreach (var (labels, value) in values)
        {
            Line(name, labels, value);
        }
    }

    internal void Write(Instrument instrument, IEnumerable<KeyValuePair<string, MetricSeries>> series)
    {
        var type = TypeOf(instrument);
        var name = NameOf(instrument, type);
        Head(name, type, instrument.Description);
        foreach (var (labels, one) in series.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var (value, count, buckets) = one.Read();
            if (one.Bounds is not { } bounds)
            {
                Line(name, labels, value);
                continue;
            }

            for (var i = 0; i < bounds.Length; i++)
            {
                Line($"{name}_bucket", Join(labels, $"le=\"{bounds[i].ToString(CultureInfo.InvariantCulture)}\""), buckets[i]);
            }

            Line($"{name}_bucket", Join(labels, "le=\"+Inf\""), count);
            Line($"{name}_sum", labels, value);
            Line($"{name}_count", labels, count);
        }
    }

    internal static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags, HashSet<string> allowed)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
        {
            if (allowed.Contains(name))
            {
                labels[name.Replace('.', '_')] = Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            }
        }

        return string.Join(',', labels.Select(l => $"{l.Key}=\"{l.Value}\""));
    }

    private static string Escape(string value) =>
        (value.Length > LongestValue ? value[..LongestValue] : value).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Join(string labels, string more) => labels.Length == 0 ? more : $"{labels},{more}";

    private static string TypeOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        return kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : "gauge";
    }

    private static string NameOf(Instrument instrument, string type)
    {
        var name = instrument.Name.Replace('.', '_').Replace('-', '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal))
        {
            name += unit;
        }

        return string.Equals(type, "counter", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private void Head(string name, string type, string? help)
    {
        if (!string.IsNullOrEmpty(help))
        {
            _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings(" ")).Append('\n');
        }

        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private void Line(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
