using System.Globalization;

namespace DevOps.Core.Projects;

/// <summary>What a project keeps in its own hand whatever a <c>deploy.yml</c> says: how much a build and a command may take, the folder on the servers, and the word of a person.</summary>
internal static class DeployLimits
{
    /// <summary>Holds a build to the limits of the project.</summary>
    public static BuildSpec Hold(BuildSpec asked, BuildSpec project) => asked with
    {
        Cpus = Math.Min(asked.Cpus, project.Cpus),
        MemoryMb = Math.Min(asked.MemoryMb, project.MemoryMb),
        Pids = Math.Min(asked.Pids, project.Pids),
        TimeoutSeconds = Math.Min(asked.TimeoutSeconds, project.TimeoutSeconds),
    };

    /// <summary>Holds the way onto servers to what the project gives.</summary>
    public static DeploySpec Hold(DeploySpec asked, DeploySpec project) => asked with
    {
        Path = project.Path,
        CommandTimeoutSeconds = Math.Min(asked.CommandTimeoutSeconds, project.CommandTimeoutSeconds),
        Rolling = project.Rolling.ConfirmAfterFirst ? Confirmed(asked.Rolling, project.Rolling) : asked.Rolling,
    };

    /// <summary>Says which values were not given as asked.</summary>
    public static IEnumerable<string> Say(DeployConfig asked, DeployConfig given)
    {
        (string Field, double Asked, double Given)[] limits =
        [
            ("build.cpus", asked.Build!.Cpus, given.Build!.Cpus),
            ("build.memoryMb", asked.Build.MemoryMb, given.Build.MemoryMb),
            ("build.pids", asked.Build.Pids, given.Build.Pids),
            ("build.timeoutSeconds", asked.Build.TimeoutSeconds, given.Build.TimeoutSeconds),
            ("deploy.commandTimeoutSeconds", asked.Deploy.CommandTimeoutSeconds, given.Deploy.CommandTimeoutSeconds),
            ("deploy.rolling.first", asked.Deploy.Rolling.First, given.Deploy.Rolling.First),
        ];
        var held = limits.Where(l => !l.Asked.Equals(l.Given))
            .Select(l => string.Create(CultureInfo.InvariantCulture, $"{DeployFile.Name} asks for {l.Field} {l.Asked}; the project gives {l.Given}, which is used."));
        return asked.Deploy.Rolling.ConfirmAfterFirst == given.Deploy.Rolling.ConfirmAfterFirst
            ? held
            : held.Append($"{DeployFile.Name} cannot turn deploy.rolling.confirmAfterFirst off: the project wants a person's word after the first servers.");
    }

    // Without servers that go first, or when all of them do, nobody would be asked.
    private static RollingSpec Confirmed(RollingSpec asked, RollingSpec project) =>
        asked with { ConfirmAfterFirst = true, First = Math.Clamp(asked.First, 1, Math.Max(1, project.First)) };
}
