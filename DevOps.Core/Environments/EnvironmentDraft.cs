using System.Text;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Core.Secrets;

namespace DevOps.Core.Environments;

/// <summary>What a person wants an environment to be.</summary>
public sealed record EnvironmentDraft
{
    /// <summary>Most files.</summary>
    public const int MaxFiles = 100;

    /// <summary>Most bytes of one file (UTF-8).</summary>
    public const int MaxFileBytes = 256 * 1024;

    private const int MaxServers = 500;
    private const int MaxTags = 20;

    /// <summary>Slug, unique in the project.</summary>
    public string Name { get; init; } = "";

    /// <summary>Place in the line from development to production, 1 to 1000.</summary>
    public int Position { get; init; } = 1;

    /// <summary>Names of servers that belong to it.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Servers with any of these tags belong to it too.</summary>
    public IReadOnlyList<string> ServerTags { get; init; } = [];

    /// <summary>Plain variables for the commands on servers.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Secret variables: one that is left out stays as it is, null deletes it.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; init; } = new Dictionary<string, string?>();

    /// <summary>Files written into each release: relative path to content.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether pushes that match the project's triggers are deployed here by themselves.</summary>
    public bool AutoDeploy { get; init; }

    /// <summary>Whether a newer request replaces those that still wait.</summary>
    public bool Supersede { get; init; } = true;

    /// <summary>Who has to say yes before a deployment runs.</summary>
    public ApprovalRule Approvals { get; init; } = new();

    /// <summary>Name of the environment a release must have succeeded in before it may come here; null or empty when any may.</summary>
    public string? PromoteFrom { get; init; }

    /// <summary>Spans of time in which nothing is deployed.</summary>
    public IReadOnlyList<Freeze> Freezes { get; init; } = [];

    /// <summary>Spans of every week in which nothing is deployed.</summary>
    public IReadOnlyList<WeeklyFreeze> FreezeWeekly { get; init; } = [];

    /// <summary>Notes every fault, by the field's name in the HTTP contract.</summary>
    public void Check(Faults faults)
    {
        Slug.Check(Name, "name", faults);
        faults.When(Position is < 1 or > 1000, "position", "Give 1 to 1000.");
        CheckSlugs(Servers, MaxServers, "servers", faults);
        CheckSlugs(ServerTags, MaxTags, "serverTags", faults);
        VariableName.CheckPlain(Variables, "variables", faults);
        VariableName.Check(Secrets, "secrets", faults);
        foreach (var name in Secrets.Where(s => s.Value is not null).Select(s => s.Key).Where(Variables.ContainsKey))
        {
            faults.Add($"secrets.{name}", "The name is given as a variable and as a secret. Keep one of them.");
        }

        CheckFiles(faults);
        SafetyRules.Check(this, faults);
    }

    private static void CheckSlugs(IReadOnlyList<string> list, int max, string field, Faults faults)
    {
        foreach (var (path, value) in TextRule.CheckList(list, max, field, faults))
        {
            Slug.Check(value, path, faults);
        }
    }

    private void CheckFiles(Faults faults)
    {
        faults.When(Files.Count > MaxFiles, "files", $"There can be {MaxFiles} at most.");
        foreach (var (path, content) in Files.Take(MaxFiles))
        {
            var field = $"files.{(path.Length > 100 ? path[..100] : path)}";
            if (RelativePath.Fault(path) is { } fault)
            {
                faults.Add(field, fault);
            }
            else if (Files.Keys.Any(other => path.StartsWith(other + "/", StringComparison.Ordinal)))
            {
                faults.Add(field, "Another file has the name of one of its folders.");
            }

            faults.When(content is null, field, "The content is needed.");
            faults.When(content is not null && Encoding.UTF8.GetByteCount(content) > MaxFileBytes, field, $"Use {MaxFileBytes / 1024} KiB at most.");
            faults.When(content?.Contains('\0', StringComparison.Ordinal) == true, field, "The content holds a NUL character.");
        }
    }
}
