using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using DevOps.Core;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DevOps.Infrastructure.Projects;

/// <summary>Compares YAML with the shape of the settings' records and makes JSON of it. The records are the schema: what the HTTP interface takes is what a file takes.</summary>
internal sealed class DeployFileShape(Faults faults)
{
    private const int MaxEntries = 1000;
    private const int ShownName = 100;
    private const string Build = "build";
    private const string Deploy = "deploy";

    // What would give whoever may push more than the project gives.
    private static readonly string[] TheProjects = ["key", "name", "description", "repository", "credential", "credentials", "triggers", "webhook", "environments", "servers", "users", "members", "approvals", "variables", "secrets", "files", "schedules"];

    private static readonly JsonSerializerOptions Contract = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    /// <summary>In which line each key and entry stands.</summary>
    public IReadOnlyDictionary<string, int> Lines => _lines;

    /// <summary>Reads a whole file.</summary>
    /// <param name="root">Its document; null when it holds nothing.</param>
    public DeployFile Read(YamlNode? root)
    {
        var parts = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        if (root is YamlMappingNode map)
        {
            foreach (var (key, value) in map.Children)
            {
                var name = At(key, "");
                parts[name] = name switch
                {
                    Build => Read(value, typeof(BuildSpec), name),
                    Deploy => Read(value, typeof(DeploySpec), name),
                    _ => Fault(name, TheProjects.Contains(name, StringComparer.Ordinal)
                        ? Sentence.Of($"This belongs to the project and cannot be set by a file. Set it in the project's settings.")
                        : "There is no such key. At the top are build and deploy."),
                };
            }
        }
        else if (root is not (null or YamlScalarNode { Value: null or "", Style: ScalarStyle.Plain }))
        {
            Fault("", "Begin with build: or deploy: at its top.");
        }

        return new DeployFile(Part(parts, Build), Part(parts, Deploy), _lines);
    }

    private static JsonObject Part(Dictionary<string, JsonNode?> parts, string name) => parts.GetValueOrDefault(name) as JsonObject ?? [];

    // Keys of the HTTP contract that a file may not set, and why.
    private static Sentence? Forbidden(Type type, string name) => (type, name) switch
    {
        _ when type == typeof(BuildSpec) && name is "secrets" or "secretNames" => Sentence.Of($"Secrets cannot be set by a file. Set them in the project's settings."),
        _ when type == typeof(DeploySpec) && name is "path" => "The folder on the servers cannot be set by a file: two projects must never share one. Set it in the project's settings.",
        _ => null,
    };

    private JsonNode? Read(YamlNode node, Type type, string path) => node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" } => Fault(path, "It has no value. Leave the key out to keep the project's."),
        _ when type == typeof(string) => node is YamlScalarNode { Value: { } text } ? JsonValue.Create(text) : Fault(path, "Give a text."),
        _ when type == typeof(bool) => Plain(node) is "true" or "false" ? JsonValue.Create(Plain(node) is "true") : Fault(path, "Give true or false."),
        _ when type == typeof(int) => int.TryParse(Plain(node), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole) : Fault(path, "Give a whole number."),
        _ when type == typeof(double) => Number(node) is { } number ? JsonValue.Create(number) : Fault(path, "Give a number."),
        _ when type == typeof(IReadOnlyList<string>) => List(node, path),
        _ when type == typeof(IReadOnlyDictionary<string, string>) => Words(node, path),
        _ => Record(node, type, path),
    };

    private JsonNode? Record(YamlNode node, Type type, string path)
    {
        if (node is not YamlMappingNode map)
        {
            return Fault(path, "Give keys with values.");
        }

        var known = Contract.GetTypeInfo(type).Properties.Where(p => p is { Get: not null, Set: not null }).ToDictionary(p => p.Name, p => p.PropertyType, StringComparer.Ordinal);
        var record = new JsonObject();
        foreach (var (key, value) in map.Children)
        {
            var inner = At(key, path);
            var name = inner[(path.Length + 1)..];
            record[name] = Forbidden(type, name) is { } why ? Fault(inner, why)
                : known.TryGetValue(name, out var kind) ? Read(value, kind, inner)
                : Fault(inner, $"There is no such key. Known here: {string.Join(", ", known.Keys.Where(k => Forbidden(type, k) is null))}.");
        }

        return record;
    }

    private JsonNode? List(YamlNode node, string path)
    {
        if (node is not YamlSequenceNode { Children.Count: <= MaxEntries } list)
        {
            return Fault(path, $"Give a list of texts, one a line after a hyphen, {MaxEntries} at most.");
        }

        var texts = new JsonArray();
        foreach (var item in list.Children)
        {
            var inner = $"{path}[{texts.Count}]";
            _lines[inner] = LineOf(item);
            texts.Add(Read(item, typeof(string), inner));
        }

        return texts;
    }

    private JsonNode? Words(YamlNode node, string path)
    {
        if (node is not YamlMappingNode { Children.Count: <= MaxEntries } map)
        {
            return Fault(path, $"Give names with values, {MaxEntries} at most.");
        }

        var words = new JsonObject();
        foreach (var (key, value) in map.Children)
        {
            var inner = At(key, path);
            words[inner[(path.Length + 1)..]] = Read(value, typeof(string), inner);
        }

        return words;
    }

    // The path of a key, and its line noted. Names are cut: they stand in errors.
    private string At(YamlNode key, string path)
    {
        var name = key is YamlScalarNode { Value: { } text } ? Excerpt.Shortened(text, ShownName + 1) : "?";
        var inner = path.Length == 0 ? name : $"{path}.{name}";
        _lines.TryAdd(inner, LineOf(key));
        return inner;
    }

    private JsonNode? Fault(string path, Sentence why)
    {
        faults.Add(path, why);
        return null;
    }

    private static int LineOf(YamlNode node) => (int)node.Start.Line;

    // As written: 3.10 and yes stay what the author sees.
    private static string? Plain(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain } scalar ? scalar.Value : null;

    private static double? Number(YamlNode node) =>
        double.TryParse(Plain(node), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
