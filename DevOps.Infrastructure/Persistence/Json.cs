using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence;

/// <summary>How values are written into <c>jsonb</c> columns and job payloads.</summary>
public static class Json
{
    /// <summary>camelCase names, enums as camelCase words.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new SentenceJson() },
    };

    /// <summary>Maps a property to a <c>jsonb</c> column.</summary>
    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property)
    {
        property.HasConversion(
            value => JsonSerializer.Serialize(value, Options),
            text => JsonSerializer.Deserialize<T>(text, Options)!,
            new ValueComparer<T>(
                (a, b) => string.Equals(JsonSerializer.Serialize(a, Options), JsonSerializer.Serialize(b, Options), StringComparison.Ordinal),
                value => StringComparer.Ordinal.GetHashCode(JsonSerializer.Serialize(value, Options)),
                value => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, Options), Options)!));
        return property.HasColumnType("jsonb");
    }

    /// <summary>Maps an enum to its camelCase word.</summary>
    public static PropertyBuilder<T> AsWord<T>(this PropertyBuilder<T> property)
        where T : struct, Enum =>
        property.HasConversion(value => Word(value), word => Enum.Parse<T>(word, ignoreCase: true)).HasMaxLength(24);

    /// <summary>The camelCase word of an enum value, as in the HTTP contract and in the database.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
