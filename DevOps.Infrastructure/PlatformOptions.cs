namespace DevOps.Infrastructure;

/// <summary>What is set from outside for the whole process. Section <c>DevOps</c> of the configuration; the variables of <c>start.sh</c> win over it.</summary>
public sealed class PlatformOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "DevOps";

    /// <summary>Absolute data folder: embedded database, mirrors, workspaces, releases, keys (<c>DEVOPS_DATA</c>).</summary>
    public string DataFolder { get; set; } = "";

    /// <summary><c>web</c>, <c>worker</c>, or both with a comma (<c>DEVOPS_ROLES</c>).</summary>
    public string Roles { get; set; } = "web,worker";

    /// <summary>Deployments that run at once in this process (<c>DEVOPS_RUNNERS</c>); 0: one per core, at least 2.</summary>
    public int Runners { get; set; }

    /// <summary>Key for secrets, base64 of 32 bytes (<c>DEVOPS_MASTER_KEY</c>); empty: a file in the data folder.</summary>
    public string MasterKey { get; set; } = "";

    /// <summary>Whether <c>file://</c> repositories are accepted (<c>DEVOPS_ALLOW_FILE_REPOSITORIES</c>).</summary>
    public bool AllowFileRepositories { get; set; }

    /// <summary>First administrator without the one-time link (<c>DEVOPS_ADMIN_USER</c>).</summary>
    public string AdminUser { get; set; } = "";

    /// <summary>Password of the first administrator (<c>DEVOPS_ADMIN_PASSWORD</c>).</summary>
    public string AdminPassword { get; set; } = "";

    /// <summary>Whether this process drains the queue.</summary>
    public bool IsWorker => Roles.Split(',', StringSplitOptions.TrimEntries).Contains("worker", StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether this process serves pages.</summary>
    public bool IsWeb => Roles.Split(',', StringSplitOptions.TrimEntries).Contains("web", StringComparer.OrdinalIgnoreCase);

    /// <summary>Number of runners after the default is filled in.</summary>
    public int RunnerCount => Runners > 0 ? Runners : Math.Max(2, Environment.ProcessorCount);

    /// <summary>A folder below the data folder, made with mode 0700 when absent.</summary>
    public string Folder(params string[] parts)
    {
        var path = Path.Combine([DataFolder, .. parts]);
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
