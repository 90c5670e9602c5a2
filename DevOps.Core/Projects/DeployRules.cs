using System.Globalization;
using System.Text.RegularExpressions;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Core.Projects;

/// <summary>What the way onto a server may be: ranges, lengths and forms of every field.</summary>
public static partial class DeployRules
{
    /// <summary>Notes every fault.</summary>
    /// <param name="deploy">What is checked.</param>
    /// <param name="field">Its path in the request.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static void Check(DeploySpec deploy, string field, Faults faults)
    {
        faults.AddAny($"{field}.path", DeployPath.TemplateFault(deploy.Path));
        faults.When(deploy.KeepReleases is < 1 or > 100, $"{field}.keepReleases", "Keep 1 to 100 releases.");
        faults.When(deploy.CommandTimeoutSeconds is < 1 or > 86400, $"{field}.commandTimeoutSeconds", "Give 1 to 86400 seconds.");
        CheckShared(deploy.Shared, $"{field}.shared", faults);
        TextRule.CheckScript(deploy.BeforeActivate, $"{field}.beforeActivate", faults);
        TextRule.CheckScript(deploy.Restart, $"{field}.restart", faults);
        TextRule.CheckScript(deploy.AfterActivate, $"{field}.afterActivate", faults);
        CheckControl(deploy.Control, $"{field}.control", faults);
        CheckHealth(deploy.Health, $"{field}.health", faults);
        faults.When(!IsBatch(deploy.Rolling.Batch), $"{field}.rolling.batch", "Give a number of servers (1 to 1000) or a share of them (1% to 100%).");
        faults.When(deploy.Rolling.First is < 0 or > 1000, $"{field}.rolling.first", "Give 0 to 1000.");
        faults.When(deploy.Rolling.SoakSeconds is < 0 or > 604_800, $"{field}.rolling.soakSeconds", "Give 0 to 604800 seconds.");
        faults.When(deploy.Rolling.First == 0 && (deploy.Rolling.SoakSeconds > 0 || deploy.Rolling.ConfirmAfterFirst), $"{field}.rolling.first", "Watching or confirming the first servers needs at least one.");
        faults.When(deploy.Rolling.MaxFailures is < 0 or > 1000, $"{field}.rolling.maxFailures", "Give 0 to 1000.");
    }

    /// <summary>Says what is wrong with a health address that may hold placeholders, or null when nothing is.</summary>
    public static Sentence? UrlFault(string template)
    {
        if (template.Length > 2000)
        {
            return "Use 2000 characters at most.";
        }

        if (Placeholders.Fault(template) is { } fault)
        {
            return fault;
        }

        var text = Placeholders.Expand(template, PlaceholderValues.Sample);
        return text switch
        {
            _ when text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) => Sentence.Of("Blanks and control characters cannot be part of it."),
            _ when !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) => "Give an address that begins with http:// or https://.",
            _ when !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0 => "This is not an address. Give one such as http://{host}:8080/healthz.",
            _ when new Uri(text).UserInfo.Length > 0 => "User name and password cannot be part of the address. Use the command instead, with a secret of the environment.",
            _ => null,
        };
    }

    private static void CheckShared(IReadOnlyList<string> shared, string field, Faults faults)
    {
        var entries = TextRule.CheckList(shared, 50, field, faults).ToList();
        foreach (var (path, value) in entries)
        {
            if (RelativePath.Fault(value, allowFolder: true) is { } fault)
            {
                faults.Add(path, fault);
            }
            else if (entries.Find(e => !string.Equals(e.Value, value, StringComparison.Ordinal) && DeployPath.IsAtOrBelow(value.TrimEnd('/'), e.Value.TrimEnd('/'))) is { Value: { } outer })
            {
                faults.Add(path, $"It lies in {outer}, which is shared already.");
            }
        }
    }

    private static void CheckControl(ControlSpec control, string field, Faults faults)
    {
        foreach (var (name, command) in new[] { ("start", control.Start), ("stop", control.Stop), ("status", control.Status), ("log", control.Log) })
        {
            TextRule.CheckScript(command.Length > 0 ? [command] : [], $"{field}.{name}", faults);
        }
    }

    private static void CheckHealth(HealthSpec health, string field, Faults faults)
    {
        faults.AddAny($"{field}.url", health.Url.Length > 0 ? UrlFault(health.Url) : null);
        TextRule.CheckScript(health.Command.Length > 0 ? [health.Command] : [], $"{field}.command", faults);
        faults.When(health.TimeoutSeconds is < 1 or > 3600, $"{field}.timeoutSeconds", "Give 1 to 3600 seconds.");
        faults.When(health.Retries is < 1 or > 1000, $"{field}.retries", "Give 1 to 1000 tries.");
        faults.When(health.IntervalSeconds is < 0 or > 3600, $"{field}.intervalSeconds", "Give 0 to 3600 seconds.");
    }

    private static bool IsBatch(string batch) =>
        Batch().Match(batch) is { Success: true } match
        && int.Parse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) <= (match.Groups["share"].Length > 0 ? 100 : 1000);

    [GeneratedRegex(@"\A(?<count>[1-9][0-9]{0,3})(?<share>%?)\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Batch();
}
