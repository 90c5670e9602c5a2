using DevOps.Core.Projects;

namespace DevOps.Blazor.Projects;

/// <summary>The fields of a build while they are typed.</summary>
public sealed class BuildModel
{
    public string Image { get; set; } = "";

    public IReadOnlyList<string> Script { get; set; } = [];

    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names that are stored.</summary>
    public IReadOnlyList<string> SecretNames { get; set; } = [];

    /// <summary>Changes to the secrets.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    public IReadOnlyList<string> Artifacts { get; set; } = ["**"];

    public IReadOnlyList<string> Caches { get; set; } = [];

    public double Cpus { get; set; } = 2;

    public int MemoryMb { get; set; } = 2048;

    public int Pids { get; set; } = 2048;

    public int TimeoutSeconds { get; set; } = 1800;

    public string Network { get; set; } = "bridge";

    /// <summary>The fields of a build that is there.</summary>
    public static BuildModel Of(BuildSpec build, IReadOnlyList<string> secretNames) => new()
    {
        Image = build.Image,
        Script = build.Script,
        Variables = build.Variables,
        SecretNames = secretNames,
        Artifacts = build.Artifacts,
        Caches = build.Caches,
        Cpus = build.Cpus,
        MemoryMb = build.MemoryMb,
        Pids = build.Pids,
        TimeoutSeconds = build.TimeoutSeconds,
        Network = build.Network,
    };

    /// <summary>What the verbs take.</summary>
    public BuildSpec Spec() => new()
    {
        Image = Image,
        Script = Script,
        Variables = Variables,
        Artifacts = Artifacts,
        Caches = Caches,
        Cpus = Cpus,
        MemoryMb = MemoryMb,
        Pids = Pids,
        TimeoutSeconds = TimeoutSeconds,
        Network = Network.Trim(),
    };
}
