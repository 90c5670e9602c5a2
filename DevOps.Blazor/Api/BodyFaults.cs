using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DevOps.Blazor.Api;

/// <summary>Compares a body with the type it should be and names every field that is unknown, missing, empty or of another kind:
/// the serializer stops at the first.</summary>
internal sealed class BodyFaults
{
    private const int MaxFaults = 50;
    private readonly JsonSerializerOptions _options;
    private readonly Dictionary<string, List<string>> _faults = new(StringComparer.Ordinal);
    private int _count;

    private BodyFaults(JsonSerializerOptions options) => _options = options;

    /// <summary>The faults of a body, by field path.</summary>
    public static Dictionary<string, string[]> Find(JsonElement body, Type type, JsonSerializerOptions options)
    {
        var search = new BodyFaults(options);
        search.Visit(body, type, "");
        return search._faults.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>The field a serializer's path (<c>$.build.image</c>) means.</summary>
    public static string FieldOf(string? path) => path is null or "$" or "" ? "body" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;

    private void Visit(JsonElement value, Type type, string path)
    {
        var info = _options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object when value.ValueKind == JsonValueKind.Object:
                VisitObject(value, info, path);
                break;
            case JsonTypeInfoKind.Enumerable when value.ValueKind == JsonValueKind.Array:
                VisitItems(value, info.ElementType!, path);
                break;
            case JsonTypeInfoKind.Dictionary when value.ValueKind == JsonValueKind.Object:
                VisitEntries(value, info.ElementType!, path);
                break;
            default:
                CheckLeaf(value, type, path);
                break;
        }
    }

    private void VisitObject(JsonElement value, JsonTypeInfo info, string path)
    {
        var properties = info.Properties.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in value.EnumerateObject())
        {
            var field = Join(path, member.Name);
            if (!seen.Add(member.Name))
            {
                Add(field, "This field is given twice.");
            }
            else if (!properties.TryGetValue(member.Name, out var property))
            {
                Add(field, "This field is not known here.");
            }
            else if (member.Value.ValueKind == JsonValueKind.Null)
            {
                CheckNull(property, field);
            }
            else
            {
                Visit(member.Value, property.PropertyType, field);
            }
        }

        foreach (var missing in info.Properties.Where(p => p.IsRequired && !seen.Contains(p.Name)))
        {
            Add(Join(path, missing.Name), "This field is required.");
        }
    }

    private void VisitItems(JsonElement value, Type item, string path)
    {
        var index = 0;
        foreach (var element in value.EnumerateArray())
        {
            Visit(element, item, $"{path}[{index++}]");
        }
    }

    private void VisitEntries(JsonElement value, Type item, string path)
    {
        foreach (var member in value.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null))
        {
            Visit(member.Value, item, Join(path, member.Name));
        }
    }

    private void CheckNull(JsonPropertyInfo property, string field)
    {
        var isValue = property.PropertyType.IsValueType && Nullable.GetUnderlyingType(property.PropertyType) is null;
        if (isValue || !property.IsSetNullable)
        {
            Add(field, "This field must not be null.");
        }
    }

    private void CheckLeaf(JsonElement value, Type type, string path)
    {
        try
        {
            value.Deserialize(type, _options);
        }
        catch (JsonException)
        {
            Add(path, Expectation(Nullable.GetUnderlyingType(type) ?? type));
        }
    }

    private string Expectation(Type type)
    {
        if (type.IsEnum)
        {
            return "Use one of: " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)) + ".";
        }

        return _options.GetTypeInfo(type).Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "Give an object.",
            JsonTypeInfoKind.Enumerable => "Give a list.",
            _ => Type.GetTypeCode(type) switch
            {
                TypeCode.String => "Give a text.",
                TypeCode.Boolean => "Give true or false.",
                TypeCode.Int32 or TypeCode.Int64 or TypeCode.Int16 => "Give a whole number.",
                TypeCode.Double or TypeCode.Decimal or TypeCode.Single => "Give a number.",
                _ => "The value does not have the form that is expected here.",
            },
        };
    }

    private void Add(string path, string error)
    {
        if (_count++ >= MaxFaults)
        {
            return;
        }

        var field = path.Length == 0 ? "body" : path;
        if (!_faults.TryGetValue(field, out var errors))
        {
            _faults[field] = errors = [];
        }

        errors.Add(error);
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
