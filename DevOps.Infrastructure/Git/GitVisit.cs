using DevOps.Core.Logs;
using DevOps.Core.Projects;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Git;

/// <summary>Runs git within one session, and notes host keys met for the first time.</summary>
internal sealed class GitVisit(GitSession session, GitFolders folders, GitOptions limits, TimeProvider time, ILogOutput? output, ILogger logger) : IDisposable
{
    public RepositoryUrl Url => session.Url;

    public bool HasCredential => session.HasCredential;

    /// <summary>A file name in the private folder.</summary>
    public string PrivateFile(string name) => Path.Combine(session.Folder, name);

    /// <summary>Says something, when there is someone to say it to.</summary>
    public ValueTask SayAsync(string text, CancellationToken cancellationToken) => output?.SayAsync(text, cancellationToken) ?? ValueTask.CompletedTask;

    /// <summary>Runs a command that stays on this machine.</summary>
    public Task<GitResult> RunLocalAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? indexFile = null)
    {
        var environment = indexFile is null ? session.Environment : new Dictionary<string, string>(session.Environment, StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = indexFile };
        return new GitProcess(session.Folder, environment, time).RunAsync(arguments, limits.LocalTimeout, null, cancellationToken);
    }

    /// <summary>Runs a command that speaks to the repository's host.</summary>
    public async Task<GitResult> RunRemoteAsync(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var keys = Url.Scheme == RepositoryScheme.Ssh ? GitHostKeys.Read(folders.KnownHosts) : null;
        var progress = output is null ? null : new GitProgress(output, time);
        var result = await new GitProcess(session.Folder, session.Environment, time).RunAsync(arguments, timeout, progress, cancellationToken);
        foreach (var news in keys is null ? [] : GitHostKeys.SayNew(keys, GitHostKeys.Read(folders.KnownHosts)))
        {
            logger.LogInformation("{News}", news);
            await SayAsync(news, cancellationToken);
        }

        return result;
    }

    public void Dispose() => session.Dispose();
}
