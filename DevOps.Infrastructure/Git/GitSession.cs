using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;

namespace DevOps.Infrastructure.Git;

/// <summary>A private folder for the commands of one visit to a repository: an empty home, and what opens the repository. Gone with all it holds when disposed.</summary>
internal sealed class GitSession : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly string[] Inherited = ["PATH", "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    private readonly FileStream _held;

    private GitSession(string folder, FileStream held, RepositoryUrl url, bool hasCredential, Dictionary<string, string> environment)
    {
        Folder = folder;
        Url = url;
        HasCredential = hasCredential;
        Environment = environment;
        _held = held;
    }

    /// <summary>The private folder, mode 0700.</summary>
    public string Folder { get; }

    /// <summary>Whom the commands speak to.</summary>
    public RepositoryUrl Url { get; }

    /// <summary>Whether something opens the repository.</summary>
    public bool HasCredential { get; }

    /// <summary>All that git inherits.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Makes the folder, and removes those of processes that died.</summary>
    /// <exception cref="Core.Pipeline.StepFailure">The credential does not fit the address.</exception>
    public static GitSession Open(GitFolders folders, GitOptions limits, RepositoryUrl url, RepositoryAccess access, string protocols)
    {
        RemoveAbandoned(folders.Sessions);
        var folder = Path.Combine(folders.Sessions, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder, Private);
        var held = Hold(folder);
        try
        {
            var home = Directory.CreateDirectory(Path.Combine(folder, "home"), Private).FullName;
            var environment = BaseEnvironment(folders, limits, home, protocols);
            GitCredential.Prepare(folder, url, access, folders, environment);
            return new GitSession(folder, held, url, access.Kind is not null, environment);
        }
        catch
        {
            held.Dispose();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        _held.Dispose();
    }

    private static Dictionary<string, string> BaseEnvironment(GitFolders folders, GitOptions limits, string home, string protocols)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = home,
            ["XDG_CONFIG_HOME"] = home,
            ["LC_ALL"] = "C.UTF-8",
            ["LANGUAGE"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = folders.WriteSettings(),
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "/bin/false",
            ["SSH_ASKPASS"] = "/bin/false",
            ["GIT_ALLOW_PROTOCOL"] = protocols,
            ["GIT_OPTIONAL_LOCKS"] = "0",
        };
        if (limits.CaFile.Length > 0)
        {
            environment["GIT_SSL_CAINFO"] = limits.CaFile;
        }

        foreach (var name in Inherited)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                environment[name] = value;
            }
        }

        return environment;
    }

    private static FileStream Hold(string folder) => new(Path.Combine(folder, "held"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>A folder whose lock nobody holds belongs to a process that was killed; a key may lie in it.</summary>
    private static void RemoveAbandoned(string sessions)
    {
        foreach (var folder in Directory.EnumerateDirectories(sessions))
        {
            try
            {
                // Younger ones may be between being made and being held.
                if (File.Exists(Path.Combine(folder, "held")))
                {
                    Hold(folder).Dispose();
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (IOException)
            {
                // Held, or just removed by its owner.
                continue;
            }
        }
    }
}
