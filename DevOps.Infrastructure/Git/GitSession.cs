using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;

namespace DevOps.Infrastructure.Git;

/// <summary>A private folder for the commands of one visit to a repository: an empty home, and what opens the repository. Gone with all it holds when disposed.</summary>
internal sealed class GitSession : IDisposable
{
    private static readonly string[] Inherited = ["PATH", "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    private readonly HeldFolder _folder;

    private GitSession(HeldFolder folder, RepositoryUrl url, bool hasCredential, Dictionary<string, string> environment)
    {
        _folder = folder;
        Url = url;
        HasCredential = hasCredential;
        Environment = environment;
    }

    /// <summary>The private folder, mode 0700.</summary>
    public string Folder => _folder.Path;

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
        var folder = HeldFolder.Make(folders.Sessions, "");
        try
        {
            var home = Directory.CreateDirectory(Path.Combine(folder.Path, "home")).FullName;
            var environment = BaseEnvironment(folders, limits, home, protocols);
            GitCredential.Prepare(folder.Path, url, access, folders, environment);
            return new GitSession(folder, url, access.Kind is not null, environment);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

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
}
