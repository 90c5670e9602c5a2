using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Core.Secrets;

namespace DevOps.Core.Projects;

/// <summary>What a build may be: ranges, lengths and forms of every field.</summary>
public static class BuildRules
{
    /// <summary>Notes every fault of a build.</summary>
    /// <param name="build">The build.</param>
    /// <param name="secrets">Secrets given with it; null as a value deletes.</param>
    /// <param name="field">Path of the build in the request.</param>
    /// <param name="faults">Where faults are noted.</param>
    public static void Check(BuildSpec build, IReadOnlyDictionary<string, string?> secrets, string field, Faults faults)
    {
        faults.When(build.Image.Length > 0 && !ContainerNames.IsImage(build.Image), $"{field}.image", "Give an image as name, name:tag or registry/name:tag, such as node:22.");
        faults.When(build.Image.Length == 0 && build.Script.Count > 0, $"{field}.image", "The script needs an image to run in. Leave both empty to take the files of the repository as they are.");
        TextRule.CheckScript(build.Script, $"{field}.script", faults);
        VariableName.CheckPlain(build.Variables, $"{field}.variables", faults);
        VariableName.Check(secrets, $"{field}.secrets", faults);
        foreach (var name in secrets.Where(s => s.Value is not null).Select(s => s.Key).Where(build.Variables.ContainsKey))
        {
            faults.Add($"{field}.secrets.{name}", "The name is given as a variable and as a secret. Keep one of them.");
        }

        ArtifactPatterns.Check(build.Artifacts, $"{field}.artifacts", faults);
        foreach (var (path, folder) in TextRule.CheckList(build.Caches, 20, $"{field}.caches", faults))
        {
            faults.AddAny(path, ContainerNames.CacheFault(folder));
        }

        CheckLimits(build, field, faults);
    }

    private static void CheckLimits(BuildSpec build, string field, Faults faults)
    {
        faults.When(build.Cpus is not (>= 0.1 and <= 64), $"{field}.cpus", "Give 0.1 to 64 cores.");
        faults.When(build.MemoryMb is < 64 or > 262144, $"{field}.memoryMb", "Give 64 to 262144 MiB.");
        faults.When(build.Pids is < 16 or > 65536, $"{field}.pids", "Give 16 to 65536.");
        faults.When(build.TimeoutSeconds is < 10 or > 86400, $"{field}.timeoutSeconds", "Give 10 to 86400 seconds.");
        faults.When(!ContainerNames.IsNetwork(build.Network), $"{field}.network", "Give bridge, none, host, or the name of a network of the engine.");
    }
}
