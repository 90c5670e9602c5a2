using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Projects;

namespace DevOps.Infrastructure.Git;

/// <summary>Where git's things lie in the data folder.</summary>
internal sealed class GitFolders(PlatformOptions options)
{
    // Kept out of reach: hooks, helpers, filters, attributes and prompts of the machine's and of the repository's own configuration.
    private const string Settings = """
        [safe]
            directory = *
        [core]
            hooksPath = /dev/null
            attributesFile = /dev/null
            excludesFile = /dev/null
            fsmonitor = false
            quotePath = false
        [http]
            followRedirects = initial
            lowSpeedLimit = 1000
            lowSpeedTime = 60
        [gc]
            autoDetach = false
        [maintenance]
            autoDetach = false
        [submodule]
            recurse = false
        [transfer]
            credentialsInUrl = die
        [pack]
            threads = 2

        """;

    // git and ssh call it with their question as the only argument. It answers the session's own host only, so that a redirect gets nothing.
    private const string AskPass = """
        #!/bin/sh
        cd "$DEVOPS_GIT_SESSION" || exit 1
        host=$(cat host)
        case $host/$1 in
          ssh/*assword*) cat secret ;;
          "$host/Username for '$host': ") cat user ;;
          "$host/Password for '"*"@${host#*://}': ") cat secret ;;
          *) exit 1 ;;
        esac

        """;

    /// <summary>Tells the script behind git's questions which session it answers for.</summary>
    public const string SessionVariable = "DEVOPS_GIT_SESSION";

    /// <summary>Host keys of git servers, kept from first contact on.</summary>
    public string KnownHosts => Path.Combine(options.Folder("git"), "known_hosts");

    /// <summary>Private folders of running commands.</summary>
    public string Sessions => options.Folder("git", "sessions");

    /// <summary>Writes git's own configuration and answers its path.</summary>
    public string WriteSettings() => WriteOnce("config", Settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Writes the script that answers git's questions and answers its path.</summary>
    public string WriteAskPass() => WriteOnce("askpass", AskPass, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>The bare mirror of a repository.</summary>
    public string Mirror(RepositoryUrl url) =>
        Path.Combine(options.Folder("mirrors"), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.Text)))[..40]);

    private string WriteOnce(string name, string text, UnixFileMode mode)
    {
        var file = Path.Combine(options.Folder("git"), name);
        if (!File.Exists(file) || !string.Equals(File.ReadAllText(file), text, StringComparison.Ordinal))
        {
            var draft = $"{file}.{Guid.NewGuid():N}";
            File.WriteAllText(draft, text);
            File.SetUnixFileMode(draft, mode);
            File.Move(draft, file, overwrite: true);
        }

        return file;
    }
}
