namespace DevOps.Core.Webhooks;

/// <summary>The headers of a delivery; names in any case of letters.</summary>
public sealed class WebhookHeaders(IReadOnlyDictionary<string, string> values)
{
    private const int MaxHeaders = 60;
    private const int MaxValue = 500;

    // What proves who sent it (or would let somebody else send it again) is not kept.
    private static readonly string[] Secretive = ["authorization", "token", "signature", "cookie", "secret", "password", "api-key"];

    private readonly Dictionary<string, string> _values = new(values, StringComparer.OrdinalIgnoreCase);

    /// <summary>The value of a header, or null when it is absent or empty.</summary>
    public string? this[string name] => _values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The first of several headers that is there.</summary>
    public string? First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (this[name] is { } value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>What may be kept and shown: in order, bounded, and with the values of secretive headers hidden.</summary>
    public Dictionary<string, string> Redacted() => _values.OrderBy(v => v.Key, StringComparer.OrdinalIgnoreCase).Take(MaxHeaders)
        .ToDictionary(v => v.Key, v => IsSecretive(v.Key) ? "***" : Excerpt.Shortened(v.Value, MaxValue + 1), StringComparer.Ordinal);

    private static bool IsSecretive(string name) => Array.Exists(Secretive, s => name.Contains(s, StringComparison.OrdinalIgnoreCase));
}
