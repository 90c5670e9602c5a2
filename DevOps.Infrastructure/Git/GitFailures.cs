using DevOps.Core.Pipeline;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Git;

/// <summary>Turns git's words into what happened and what to do.</summary>
internal static class GitFailures
{
    private const int ShownLines = 3;

    private static readonly (string[] Signs, Func<RepositoryUrl, bool, Sentence> Say)[] Known =
    [
        (["host key verification failed", "remote host identification has changed"],
            (url, _) => $"{url.Host} shows another host key than at first contact. Nothing was sent. If the host really has a new key, an administrator removes its line from git/known_hosts in the data folder; if not, someone may stand between."),
        (["could not resolve host", "name or service not known", "temporary failure in name resolution", "nodename nor servname"],
            (url, _) => $"The host {url.Host} is not known. Check the spelling of the address, and the name service of this machine."),
        (["connection refused", "couldn't connect to server"],
            (url, _) => $"{url.Host} refused the connection. Check the port in the address, and whether the git service runs."),
        (["connection timed out", "operation timed out", "operation too slow", "timeout, server", "no route to host", "network is unreachable", "failed to connect"],
            (url, _) => $"{url.Host} does not answer in time. Check the address and the firewalls on the way."),
        (["ssl certificate problem", "certificate verification failed", "server certificate", "ssl_connect", "gnutls_handshake"],
            (url, _) => $"The certificate of {url.Host} is not trusted here. Give the root certificate of your company in DevOps__Git__CaFile, or correct the host's certificate."),
        (["no space left on device", "disk quota exceeded"],
            (_, _) => "The disk with the data folder is full. Free some space and try again."),
        (["authentication failed", "could not read username", "could not read password", "access denied", "permission denied (", "permission denied, please", "too many authentication failures", "invalid credentials", "returned error: 401", "returned error: 403", "load key"],
            (url, hasCredential) => hasCredential
                ? Sentence.Of($"{url.Host} does not accept the credential for this repository. Check that it is valid, belongs to an account that may read the repository, and fits the kind of address.")
                : $"{url.Host} asks for a sign-in. Choose a credential for the repository: a token for https, a key for ssh."),
        (["not found", "does not appear to be a git repository", "no such file or directory", "repository does not exist", "returned error: 404", "not a git repository", "could not be found", "not be found"],
            (url, hasCredential) => hasCredential
                ? Sentence.Of($"There is no repository at {url.Text}, or it may not be read with this credential. Check the address and who may read it.")
                : $"There is no repository at {url.Text}, or it may not be read without a credential. Check the address and who may read it."),
        (["unable to update url base from redirection", "unsupported redirect", "transport 'http' not allowed"],
            (url, _) => $"{url.Host} redirects to an address that is not accepted. Use the address that the git host gives for cloning."),
    ];

    private static readonly string[] SignsOfBrokenMirror =
    [
        "not a git repository", "is empty", "corrupt", "bad object", "missing blob", "missing tree", "missing object", "unable to read", "invalid object", "bad tree object",
        "cannot be accessed", "is far too short", "inflate:", ".lock': file exists", "bad config", "local refs could not be updated", "did not send all necessary objects", "not a valid object name", "invalid sha1 pointer", "cannot lock ref", "index-pack failed",
    ];

    /// <summary>Why a command that spoke to the repository's host failed.</summary>
    public static StepFailure OfHost(RepositoryUrl url, bool hasCredential, GitResult result)
    {
        var text = string.Join('\n', result.Errors).ToLowerInvariant();
        foreach (var (signs, say) in Known)
        {
            if (Array.Exists(signs, s => text.Contains(s, StringComparison.Ordinal)))
            {
                return new StepFailure(Quoting(say(url, hasCredential), result), result.ExitCode);
            }
        }

        return new StepFailure(Quoting($"The repository {url.Text} could not be read.", result), result.ExitCode);
    }

    /// <summary>Why a command that stayed on this machine failed.</summary>
    public static StepFailure OfMirror(Sentence doing, GitResult result) => new(Quoting($"{doing} failed.", result), result.ExitCode);

    /// <summary>Whether the mirror itself may be at fault, so that a new one helps.</summary>
    public static bool MayBeBrokenMirror(GitResult result)
    {
        var text = string.Join('\n', result.Errors).ToLowerInvariant();
        return Array.Exists(SignsOfBrokenMirror, s => text.Contains(s, StringComparison.Ordinal));
    }

    private static Sentence Quoting(Sentence what, GitResult result)
    {
        var lines = result.Errors.Where(l => !l.StartsWith("From ", StringComparison.Ordinal) && l.Trim('@', ' ').Length > 0).TakeLast(ShownLines).ToList();
        return lines.Count == 0 ? what : $"{what} git said: {string.Join(" / ", lines)}";
    }
}
