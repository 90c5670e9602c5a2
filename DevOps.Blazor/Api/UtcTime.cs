using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DevOps.Blazor.Api;

/// <summary>Writes times in UTC with <c>Z</c> and milliseconds; reads any ISO 8601 time that says its zone.</summary>
internal sealed class UtcTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && SaysZone(text) && reader.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : throw new JsonException("Give a time in ISO 8601 with its zone, such as 2026-01-31T12:00:00Z.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static bool SaysZone(string text) => text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-');
}
