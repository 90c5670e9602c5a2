using System.Text.Json;

namespace DevOps.Core.Webhooks;

/// <summary>Reads fields that may be absent, null or of another kind than expected, without a throw.</summary>
internal static class JsonFields
{
    /// <summary>A text, by its path; null when there is none.</summary>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element.Value() is { Length: > 0 } text ? text : null;
    }

    /// <summary>The element as a text that PostgreSQL takes; null when it is none.</summary>
    public static string? Value(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString()!.Replace("\0", "", StringComparison.Ordinal) : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character (a lone surrogate) is no text.
            return null;
        }
    }

    /// <summary>The entries of a list; null when there is no list.</summary>
    public static List<JsonElement>? Items(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : null;

    /// <summary>A whole number; null when there is none.</summary>
    public static long? Number(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>True when the field is <c>true</c>.</summary>
    public static bool IsTrue(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
