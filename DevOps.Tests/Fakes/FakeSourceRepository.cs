using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Tests.Fakes;

/// <summary>A repository in memory. Fails and blocks on request.</summary>
public sealed class FakeSourceRepository : ISourceRepository
{
    private readonly Dictionary<string, SourceCommit> _references = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> _files = new(StringComparer.Ordinal);

    /// <summary>Thrown by every call while it is set.</summary>
    public StepFailure? Failure { get; set; }

    /// <summary>Resolve and checkout wait until they are cancelled while it is set.</summary>
    public bool BlocksUntilCancelled { get; set; }

    /// <summary>Set when a call begins to block.</summary>
    public TaskCompletionSource Blocked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Commits that were checked out, in order.</summary>
    public List<string> CheckedOut { get; } = [];

    /// <summary>How often a reference was resolved.</summary>
    public int Resolved { get; private set; }

    /// <summary>Puts a commit with files on a branch.</summary>
    public SourceCommit Commit(string branch, IReadOnlyDictionary<string, string> files, string message = "Change", string author = "Lin")
    {
        var sha = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{branch}\n{message}\n{_files.Count}")))[..40];
        var commit = new SourceCommit(sha, message, author, branch, DateTimeOffset.UnixEpoch.AddDays(_files.Count));
        _files[sha] = new Dictionary<string, string>(files, StringComparer.Ordinal);
        _references[branch] = commit;
        _references[sha] = commit with { Ref = sha };
        return commit;
    }

    public Task<IReadOnlyList<SourceBranch>> ListBranchesAsync(RepositoryAccess repository, CancellationToken cancellationToken)
    {
        ThrowIfAsked();
        return Task.FromResult<IReadOnlyList<SourceBranch>>(
            [.. _references.Where(r => !string.Equals(r.Key, r.Value.Sha, StringComparison.Ordinal)).Select(r => new SourceBranch(r.Key, r.Value.Sha))]);
    }

    public async Task<SourceCommit> ResolveAsync(RepositoryAccess repository, string reference, ILogOutput output, CancellationToken cancellationToken)
    {
        await BlockIfAskedAsync(cancellationToken);
        ThrowIfAsked();
        Resolved++;
        return _references.TryGetValue(reference, out var commit)
            ? commit
            : throw new StepFailure($"The repository has no branch, tag or commit '{reference}'.");
    }

    public Task<string?> ReadFileAsync(RepositoryAccess repository, string sha, string path, int maxBytes, CancellationToken cancellationToken)
    {
        ThrowIfAsked();
        return Task.FromResult(_files[sha].GetValueOrDefault(path));
    }

    public async Task CheckoutAsync(RepositoryAccess repository, string sha, string folder, ILogOutput output, CancellationToken cancellationToken)
    {
        await BlockIfAskedAsync(cancellationToken);
        ThrowIfAsked();
        if (!_files.TryGetValue(sha, out var files))
        {
            throw new StepFailure($"The commit {sha} is not in the repository.");
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }

        CheckedOut.Add(sha);
    }

    private async Task BlockIfAskedAsync(CancellationToken cancellationToken)
    {
        if (BlocksUntilCancelled)
        {
            Blocked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    private void ThrowIfAsked()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
