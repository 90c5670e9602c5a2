using System.Text.Json;
using System.Text.Json.Serialization;

namespace DevOps.Core.Projects;

/// <summary>How a project is built: one container, one script. Secrets are kept apart, see <see cref="Secrets.Secret"/>.</summary>
public sealed record BuildSpec
{
    /// <summary>Container image, such as <c>node:22</c>. Empty (with an empty script): nothing is built, the artifacts are taken from the repository as it is.</summary>
    public string Image { get; init; } = "";

    /// <summary>Lines of one <c>sh -e</c> script, run in <c>/workspace</c>.</summary>
    public IReadOnlyList<string> Script { get; init; } = [];

    /// <summary>Plain variables of the build container.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>What becomes the release: patterns below the workspace; one that begins with <c>!</c> takes away.</summary>
    public IReadOnlyList<string> Artifacts { get; init; } = ["**"];

    /// <summary>Absolute folders in the container that are kept between builds.</summary>
    public IReadOnlyList<string> Caches { get; init; } = [];

    /// <summary>Processor limit, in cores.</summary>
    public double Cpus { get; init; } = 2.0;

    /// <summary>Memory limit without swap, in MiB.</summary>
    public int MemoryMb { get; init; } = 2048;

    /// <summary>Most processes and threads.</summary>
    public int Pids { get; init; } = 2048;

    /// <summary>Time limit of the whole build, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = 1800;

    /// <summary>The engine's network: <c>bridge</c>, <c>none</c>, <c>host</c>, or the name of one that exists.</summary>
    public string Network { get; init; } = "bridge";

    /// <summary>True when there is no container to run.</summary>
    [JsonIgnore]
    public bool IsEmpty => Image.Length == 0;

    /// <summary>SHA-256 (hex) over what decides the build's result: two builds of one commit with the same hash give the same release.
    /// Limits of time and size do not count; the names of secrets do, their values do not.</summary>
    /// <param name="secretNames">Names of the build's secrets.</param>
    /// <param name="submodules">Whether submodules are part of the source.</param>
    public string Fingerprint(IEnumerable<string> secretNames, bool submodules)
    {
        var deciding = new
        {
            Image,
            Script,
            Variables = Variables.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new[] { v.Key, v.Value }),
            Artifacts,
            Secrets = secretNames.Order(StringComparer.Ordinal),
            Submodules = submodules,
        };
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(deciding)));
    }
}
