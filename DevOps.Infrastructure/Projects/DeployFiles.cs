using DevOps.Core.Deployments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace DevOps.Infrastructure.Projects;

/// <summary>Reads <c>deploy.yml</c>: one YAML document without aliases, anchors, tags and repeated keys.</summary>
public sealed class DeployFiles : IDeployFiles
{
    private const int MaxDepth = 10;

    /// <inheritdoc/>
    public DeployFile Read(string text)
    {
        YamlNode? root;
        try
        {
            DemandText(text);
            Inspect(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            root = stream.Documents.Count > 0 ? stream.Documents[0].RootNode : null;
        }
        catch (YamlException e)
        {
            throw new DeployFileRefused($"deploy.yml cannot be read. Line {e.Start.Line}: {Sentence.Verbatim(e.Message)}");
        }

        var faults = new Faults();
        var shape = new DeployFileShape(faults);
        var file = shape.Read(root);
        DeployFile.ThrowIfAny(faults, shape.Lines);
        return file;
    }

    // For YAML a NUL ends the text: what follows would be shown to people and not be read. A tab it refuses in words that do not help.
    private static void DemandText(string text)
    {
        var line = 1;
        for (var at = 0; at < text.Length; at++)
        {
            line += text[at] == '\n' ? 1 : 0;
            if (char.IsControl(text[at]) && text[at] is not ('\n' or '\r' or '\t'))
            {
                throw Refused(line, "Control characters cannot be part of it.");
            }

            if (text[at] == '\t' && (at == 0 || text[at - 1] == '\n'))
            {
                throw Refused(line, "Indent with blanks, not with tabs.");
            }
        }
    }

    // Before anything is put together: what could grow or nest without end, or means more than it shows.
    private static void Inspect(string text)
    {
        var parser = new Parser(new StringReader(text));
        var (depth, documents) = (0, 0);
        while (parser.MoveNext())
        {
            var current = parser.Current!;
            documents += current is DocumentStart ? 1 : 0;
            depth += current.NestingIncrease;
            var fault = current switch
            {
                DocumentStart when documents > 1 => Sentence.Of($"Only one document can be in it."),
                AnchorAlias => "Aliases (*name) are not accepted: write the value out.",
                NodeEvent { Anchor.IsEmpty: false } => "Anchors (&name) are not accepted: write the value out.",
                NodeEvent { Tag.IsEmpty: false } => "Tags (!name) are not accepted: write the plain value.",
                _ when depth > MaxDepth => "It is nested too deep.",
                _ => null,
            };
            if (fault is not null)
            {
                throw Refused(current.Start.Line, fault);
            }
        }
    }

    private static DeployFileRefused Refused(long line, Sentence fault) => new($"deploy.yml cannot be accepted. Line {line}: {fault}");
}
