using System.Text.Json;
using System.Text.Json.Nodes;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Persistence;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DevOps.Infrastructure.Projects;

/// <summary>Writes a configuration as the <c>deploy.yml</c> that would give it. What a file may not set is left out.</summary>
public static class DeployFileText
{
    // How YAML ends a document.
    private const string End = "...\n";

    /// <summary>Writes it.</summary>
    /// <param name="build">How it is built; null leaves it out.</param>
    /// <param name="deploy">How it is put on servers.</param>
    public static string Of(BuildSpec? build, DeploySpec deploy)
    {
        var whole = new JsonObject();
        if (build is not null)
        {
            whole["build"] = JsonSerializer.SerializeToNode(build, Json.Options);
        }

        var way = JsonSerializer.SerializeToNode(deploy, Json.Options)!.AsObject();
        way.Remove("path");
        whole["deploy"] = way;
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(NodeOf(whole))).Save(text, assignAnchors: false);
        var written = text.ToString();
        return written.EndsWith(End, StringComparison.Ordinal) ? written[..^End.Length] : written;
    }

    private static YamlNode NodeOf(JsonNode? node) => node switch
    {
        JsonObject record => new YamlMappingNode(record.Select(p => new KeyValuePair<YamlNode, YamlNode>(new YamlScalarNode(p.Key), NodeOf(p.Value)))),
        JsonArray list => new YamlSequenceNode(list.Select(NodeOf)),
        _ when node!.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>()),
        _ => new YamlScalarNode(node.ToJsonString()),
    };

    private static YamlScalarNode Text(string text) => new(text)
    {
        Style = text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => ScalarStyle.SingleQuoted,
            _ when text.Contains('\n', StringComparison.Ordinal) => ScalarStyle.Literal,
            _ => ScalarStyle.Any,
        },
    };
}
