using System.Text.Json;
using System.Text.Json.Serialization;
using DevOps.Core.Refusals;

namespace DevOps.Blazor.Api;

/// <summary>Writes sentences in English: the API speaks one language to every program.</summary>
internal sealed class SentenceText : JsonConverter<Sentence>
{
    public override Sentence Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Sentence.Verbatim(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, Sentence value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
