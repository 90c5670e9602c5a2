using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Infrastructure.Docker;

/// <summary>What a build's container may and may not do.</summary>
public static class ContainerSpec
{
    /// <summary>Where the source lies in the container.</summary>
    public const string Workspace = "/workspace";

    /// <summary>Where the script lies in the container; not below the workspace, so that it is in no artifact.</summary>
    public const string Script = "/.devops/build.sh";

    // What package managers need to unpack files of other owners and to step down to a user of their own; nothing else.
    private static readonly string[] Capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];

    /// <summary>Refuses what the engine would read as something else than was meant.</summary>
    /// <exception cref="StepFailure">A field of the run is unusable.</exception>
    public static void Check(ContainerRun run)
    {
        if (run.Network.Length is 0 or > 128 || !char.IsAsciiLetterOrDigit(run.Network[0]) || !run.Network.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
        {
            throw new StepFailure($"network “{run.Network}” cannot be used: give bridge, none, host, or the name of a network on the engine");
        }

        if (run.Caches.FirstOrDefault(c => !IsCacheFolder(c)) is { } cache)
        {
            throw new StepFailure($"cache folder “{cache}” cannot be used: give an absolute folder in the container that is not / or {Workspace} itself");
        }

        if (run.Collect.FirstOrDefault(p => !IsBelow(p)) is { } path)
        {
            throw new StepFailure($"“{path}” cannot be copied out: give a path relative to {Workspace} without “..”");
        }
    }

    /// <summary>The engine's request for a container.</summary>
    /// <param name="run">What to run.</param>
    /// <param name="image">Id of the image.</param>
    /// <param name="installation">Marks the container.</param>
    /// <param name="volumes">Cache folders and the volumes that keep them.</param>
    /// <param name="cpus">Cores, as many as the engine has at most.</param>
    public static object Create(ContainerRun run, string image, string installation, IReadOnlyDictionary<string, string> volumes, double cpus) => new
    {
        Image = image,
        Entrypoint = new[] { "/bin/sh", "-e", Script },
        Cmd = Array.Empty<string>(),
        WorkingDir = Workspace,
        Env = run.Variables.Select(v => $"{v.Key}={v.Value.Reveal()}").ToArray(),
        Tty = false,
        OpenStdin = false,
        Healthcheck = new { Test = new[] { "NONE" } },
        Labels = new Dictionary<string, string>
        {
            [Labels.Installation] = installation,
            [Labels.Deployment] = run.DeploymentId.ToString(CultureInfo.InvariantCulture),
            [Labels.Project] = run.ProjectKey,
        },
        HostConfig = new
        {
            Memory = (long)run.MemoryMb << 20,
            MemorySwap = (long)run.MemoryMb << 20,
            NanoCpus = (long)(cpus * 1_000_000_000),
            PidsLimit = run.Pids,
            SecurityOpt = new[] { "no-new-privileges" },
            CapDrop = new[] { "ALL" },
            CapAdd = Capabilities,
            Init = true,
            NetworkMode = run.Network,
            Mounts = volumes.Select(v => new { Type = "volume", Source = v.Value, Target = v.Key }).ToArray(),

            // The output is read by an attach; a second copy on the engine's disk would only outlive its use.
            LogConfig = new { Type = "none" },
        },
    };

    private static bool IsCacheFolder(string folder) =>
        folder.Length is > 1 and <= 1024 && folder[0] == '/' && IsBelow(folder[1..]) && folder.TrimEnd('/') is not ("" or Workspace or "/.devops");

    private static bool IsBelow(string path) =>
        path.Length <= 4096 && !path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal) && !path.Split('/').Contains("..", StringComparer.Ordinal);
}
