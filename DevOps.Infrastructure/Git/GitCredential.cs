using DevOps.Core.Credentials;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;

namespace DevOps.Infrastructure.Git;

/// <summary>Lets git and ssh sign in from files that only this user can read: no secret stands in an argument, an address or the environment.</summary>
internal static class GitCredential
{
    private const UnixFileMode ReadOnlyMe = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes what opens the repository into the private folder and points git to it.</summary>
    /// <exception cref="StepFailure">The credential does not fit the address.</exception>
    public static void Prepare(string folder, RepositoryUrl url, RepositoryAccess access, GitFolders folders, Dictionary<string, string> environment)
    {
        switch (url.Scheme, access.Kind)
        {
            case (RepositoryScheme.Https, CredentialKind.SshKey):
                throw new StepFailure($"The credential of this repository is an SSH key, but its address begins with https. Use the ssh address of the repository, or choose a token.");
            case (RepositoryScheme.Ssh, CredentialKind.Token):
                throw new StepFailure($"The credential of this repository is a token, but its address is one for ssh. Use the https address of the repository, or choose a key.");
            case (RepositoryScheme.Https, not null):
                WriteAnswers(folder, HostPrompt(url), url.User ?? DefaultUser(url), access.Secret.Reveal());
                environment["GIT_ASKPASS"] = folders.WriteAskPass();
                environment[GitFolders.SessionVariable] = folder;
                break;
            case (RepositoryScheme.Ssh, _):
                PrepareSsh(folder, access, folders, environment);
                break;
            default:
                break;
        }
    }

    private static void PrepareSsh(string folder, RepositoryAccess access, GitFolders folders, Dictionary<string, string> environment)
    {
        var isPassword = access.Kind == CredentialKind.Password;
        if (isPassword)
        {
            WriteAnswers(folder, "ssh", "", access.Secret.Reveal());
            environment["SSH_ASKPASS"] = folders.WriteAskPass();
            environment["SSH_ASKPASS_REQUIRE"] = "force";
            environment[GitFolders.SessionVariable] = folder;
        }

        var key = Path.Combine(folder, "key");
        if (access.Kind == CredentialKind.SshKey)
        {
            Write(key, access.Secret.Reveal().ReplaceLineEndings("\n").Trim() + "\n", ReadOnlyMe);
        }

        var options = SshOptions(folders.KnownHosts, access.Kind == CredentialKind.SshKey ? key : "none", isPassword).SelectMany(o => new[] { "-o", o });
        environment["GIT_SSH_COMMAND"] = $"exec ssh -F none {ShellQuote.Words(options)}";
        environment["GIT_SSH_VARIANT"] = "ssh";
    }

    private static string[] SshOptions(string knownHosts, string key, bool isPassword) =>
    [
        $"UserKnownHostsFile={Option(knownHosts)}", "GlobalKnownHostsFile=none", "StrictHostKeyChecking=accept-new", "HashKnownHosts=no", "UpdateHostKeys=no", "CheckHostIP=no",
        $"IdentityFile={Option(key)}", "IdentitiesOnly=yes", "IdentityAgent=none", $"PreferredAuthentications={(isPassword ? "password,keyboard-interactive" : "publickey")}",
        $"BatchMode={(isPassword ? "no" : "yes")}", "NumberOfPasswordPrompts=1", "ConnectTimeout=15", "ServerAliveInterval=15", "ServerAliveCountMax=4",
        "ControlMaster=no", "ControlPath=none", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no", "ProxyCommand=none", "LogLevel=INFO",
    ];

    // In ssh's configuration a percent sign begins a placeholder.
    private static string Option(string path) => $"\"{path.Replace("%", "%%", StringComparison.Ordinal)}\"";

    private static string HostPrompt(RepositoryUrl url) => $"{url.Text[..url.Text.IndexOf("://", StringComparison.Ordinal)].ToLowerInvariant()}://{url.Host}{(url.Port is { } port ? $":{port}" : "")}";

    // GitHub, GitLab, Gitea and Gitee look at the token only; Bitbucket wants its own word.
    private static string DefaultUser(RepositoryUrl url) => url.Host.EndsWith("bitbucket.org", StringComparison.Ordinal) ? "x-token-auth" : "oauth2";

    private static void WriteAnswers(string folder, string host, string user, string secret)
    {
        Write(Path.Combine(folder, "host"), host, ReadOnlyMe);
        Write(Path.Combine(folder, "user"), user + "\n", ReadOnlyMe);
        Write(Path.Combine(folder, "secret"), secret.Trim() + "\n", ReadOnlyMe);
    }

    private static void Write(string file, string text, UnixFileMode mode)
    {
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
