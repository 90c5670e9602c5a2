using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>The rule for the folder of a project on a server.</summary>
public static class DeployPath
{
    /// <summary>Longest path, before and after placeholders are filled in, in characters.</summary>
    public const int MaxLength = 400;

    // Nothing is deployed into or below these.
    private static readonly string[] SystemTrees =
    [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/lost+found",
        "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/sbin", "/usr/include", "/usr/src",
    ];

    // These hold what belongs to others: a project has a folder of its own below them.
    private static readonly string[] SharedFolders =
    [
        "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/usr", "/usr/games", "/usr/local", "/usr/local/bin", "/usr/local/lib",
        "/usr/local/sbin", "/usr/share", "/var", "/var/cache", "/var/lib", "/var/log", "/var/tmp", "/var/www", "/var/spool", "/var/run",
    ];

    /// <summary>Says what is wrong with a path that may hold placeholders, or null when nothing is.</summary>
    public static Sentence? TemplateFault(string template)
    {
        if (template.Length == 0)
        {
            return "A folder is needed.";
        }

        if (Placeholders.Fault(template) is { } fault)
        {
            return fault;
        }

        return Placeholders.Has(template, "release")
            ? "{release} cannot be part of it: the folder is the same for all releases, each has its own below it."
            : Fault(template.Length > MaxLength ? template : Placeholders.Expand(template, PlaceholderValues.Sample));
    }

    /// <summary>Says what is wrong with a path without placeholders, or null when nothing is.</summary>
    public static Sentence? Fault(string path) => path switch
    {
        { Length: > MaxLength } => Sentence.Of($"Use {MaxLength} characters at most."),
        _ when !path.StartsWith('/') => "Give an absolute path, beginning with a slash.",
        "/" => "The root folder cannot be deployed to. Choose a folder for this project alone.",
        _ when !path.All(IsAllowed) => "Use letters, digits, slashes and . _ - + @ , = : only.",
        _ when path[1..].Split('/').Any(part => part is "" or "." or ".." || part[0] == '-') => "Empty parts, . and .. and parts that begin with a hyphen cannot be part of it, nor a slash at the end.",
        _ when SystemTrees.Any(tree => IsAtOrBelow(path, tree)) => "This is a folder of the system. Choose a folder for this project alone, such as /srv/{project}.",
        _ when SharedFolders.Contains(path, StringComparer.Ordinal) => $"{path} holds what belongs to others. Choose a folder below it for this project alone.",
        _ => null,
    };

    /// <summary>Says whether a path is a folder or lies below it.</summary>
    public static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');

    // People write $DEPLOY_PATH without quotes: nothing that a shell would take apart may be part of it.
    private static bool IsAllowed(char c) => char.IsLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or '@' or ',' or '=' or ':';
}
