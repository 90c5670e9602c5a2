using System.Text.Json;
using System.Text.Json.Nodes;
using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>What a <c>deploy.yml</c> sets, in the names and shapes of the HTTP contract. Keys it does not hold keep the project's values.</summary>
/// <param name="Build">Keys of <see cref="BuildSpec"/>.</param>
/// <param name="Deploy">Keys of <see cref="DeploySpec"/>.</param>
/// <param name="Lines">In which line each key and entry stands, by its path (<c>build.script[0]</c>).</param>
public sealed record DeployFile(JsonObject Build, JsonObject Deploy, IReadOnlyDictionary<string, int> Lines)
{
    /// <summary>Its name, at the root of the repository.</summary>
    public const string Name = "deploy.yml";

    /// <summary>Largest file, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MostFaults = 10;

    private static readonly JsonSerializerOptions Contract = new(JsonSerializerDefaults.Web);

    /// <summary>The part that belongs to the commit for as long as a release of it is deployed, as JSON.</summary>
    public string DeployPart => Deploy.ToJsonString(Contract);

    /// <summary>Puts the file over the project's settings: objects key by key, lists and values as a whole.</summary>
    /// <param name="build">How the project is built.</param>
    /// <param name="deploy">How the project is put on servers.</param>
    /// <param name="secretNames">Names of the build's secrets.</param>
    /// <returns>What is used, and for the log, what of the file is not given as asked.</returns>
    /// <exception cref="DeployFileRefused">What comes out cannot be accepted; the message names lines and keys.</exception>
    public (DeployConfig Config, IReadOnlyList<string> Held) Over(BuildSpec build, DeploySpec deploy, IEnumerable<string> secretNames)
    {
        var (askedBuild, askedDeploy) = (Merge(build, Build), Merge(deploy, Deploy));
        var faults = new Faults();
        BuildRules.Check(askedBuild, new Dictionary<string, string?>(StringComparer.Ordinal), "build", faults);
        DeployRules.Check(askedDeploy, "deploy", faults);
        foreach (var name in secretNames.Where(askedBuild.Variables.ContainsKey))
        {
            faults.Add($"build.variables.{name}", "The project has a secret of this name, which a file cannot replace.");
        }

        // Whoever may push must not get further into the network than the project lets its builds.
        faults.When(
            askedBuild.Network is not "none" && !string.Equals(askedBuild.Network, build.Network, StringComparison.Ordinal),
            "build.network",
            $"A file can choose none, or leave it at {build.Network} as the project has it.");
        ThrowIfAny(faults, Lines);
        var asked = new DeployConfig(askedBuild, askedDeploy, DeployPart);
        var given = asked with { Build = DeployLimits.Hold(askedBuild, build), Deploy = DeployLimits.Hold(askedDeploy, deploy) };
        return (given, [.. DeployLimits.Say(asked, given)]);
    }

    /// <summary>Puts the deploy part of a file over the project's.</summary>
    /// <param name="deploy">How the project is put on servers.</param>
    /// <param name="part">A <see cref="DeployPart"/>; null changes nothing.</param>
    public static DeploySpec Over(DeploySpec deploy, string? part) =>
        part is null ? deploy : DeployLimits.Hold(Merge(deploy, JsonNode.Parse(part)!.AsObject()), deploy);

    /// <summary>Refuses a file with faults: which line, which key, and what is wrong with it.</summary>
    /// <param name="faults">What was found, by path.</param>
    /// <param name="lines">In which line each path stands.</param>
    /// <exception cref="DeployFileRefused">At least one fault was noted.</exception>
    public static void ThrowIfAny(Faults faults, IReadOnlyDictionary<string, int> lines)
    {
        try
        {
            faults.ThrowIfAny();
        }
        catch (InvalidInput e)
        {
            var placed = e.Faults.Select(f => (Line: LineOf(f.Key, lines), Text: Sentence.Of($"{f.Key}: {Sentence.Join(" ", f.Value)}"))).OrderBy(f => f.Line).ToList();
            var told = placed.Take(MostFaults).Select(f => f.Line is { } line ? Sentence.Of($"Line {line}, {f.Text}") : f.Text);
            var all = told.Prepend("deploy.yml cannot be accepted.");
            throw new DeployFileRefused(Sentence.Join("\n", placed.Count > MostFaults ? all.Append($"There are {placed.Count - MostFaults} more.") : all));
        }
    }

    // A fault of something that the file does not hold belongs to what it lies in.
    private static int? LineOf(string path, IReadOnlyDictionary<string, int> lines)
    {
        for (; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))])
        {
            if (lines.TryGetValue(path, out var line))
            {
                return line;
            }
        }

        return null;
    }

    private static T Merge<T>(T stored, JsonObject over)
    {
        var whole = JsonSerializer.SerializeToNode(stored, Contract)!.AsObject();
        Merge(whole, over);
        return whole.Deserialize<T>(Contract)!;
    }

    private static void Merge(JsonObject whole, JsonObject over)
    {
        foreach (var (key, value) in over)
        {
            if (value is JsonObject inner && whole[key] is JsonObject target)
            {
                Merge(target, inner);
            }
            else
            {
                whole[key] = value?.DeepClone();
            }
        }
    }
}
