using System.Text.Json;
using System.Text.Json.Serialization;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Persistence;

/// <summary>A sentence in <c>jsonb</c>: <c>{"format": "Server {0} is away.", "arguments": ["web-1"]}</c>; an argument may be a sentence.
/// A plain text, as older rows have it, is read as one that has no translation.</summary>
public sealed class SentenceJson : JsonConverter<Sentence>
{
    /// <inheritdoc/>
    public override Sentence Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Sentence value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("format", value.Format);
        writer.WriteStartArray("arguments");
        foreach (var argument in value.Arguments)
        {
            if (argument is Sentence inner)
            {
                Write(writer, inner, options);
            }
            else
            {
                writer.WriteStringValue((string)argument);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static Sentence Read(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? Sentence.Verbatim(value.GetString()!)
        : new Sentence(value.GetProperty("format").GetString()!, value.GetProperty("arguments").EnumerateArray().Select(a => a.ValueKind == JsonValueKind.String ? a.GetString()! : (object)Read(a)));
}
