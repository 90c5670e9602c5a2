using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Git;

/// <summary>Reads repositories with the installed git: a bare mirror each, fetched incrementally.</summary>
public sealed class GitSourceRepository(PlatformOptions platform, GitOptions limits, TimeProvider time, ILogger<GitSourceRepository> logger) : ISourceRepository
{
    private const int DeepestSubmodule = 10;
    private const int MostSubmodules = 500;
    private readonly GitFolders _folders = new(platform);
    private readonly MirrorLocks _locks = new(time);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SourceBranch>> ListBranchesAsync(RepositoryAccess repository, CancellationToken cancellationToken)
    {
        using var visit = Visit(repository, UrlOf(repository), null);
        var result = await visit.RunRemoteAsync(["ls-remote", "--quiet", "--heads", "--", visit.Url.Text], limits.ListTimeout, cancellationToken);
        if (!result.Succeeded)
        {
            throw GitFailures.OfHost(visit.Url, visit.HasCredential, result);
        }

        const string Prefix = "refs/heads/";
        return
        [
            .. result.Output.Split('\n').Select(l => l.Split('\t', 2))
                .Where(p => p.Length == 2 && p[1].StartsWith(Prefix, StringComparison.Ordinal))
                .Select(p => new SourceBranch(p[1][Prefix.Length..], p[0])),
        ];
    }

    /// <inheritdoc/>
    public async Task<SourceCommit> ResolveAsync(RepositoryAccess repository, string reference, ILogOutput output, CancellationToken cancellationToken)
    {
        using var visit = Visit(repository, UrlOf(repository), output);
        var folder = _folders.Mirror(visit.Url);
        using var turn = await _locks.TakeAsync(folder, output, cancellationToken);
        var mirror = new Mirror(folder, visit, limits);
        await output.SayAsync($"Fetching {visit.Url.Text}", cancellationToken);
        await mirror.UpdateAsync(cancellationToken);
        var commit = await References.FindAsync(mirror, reference, cancellationToken);
        await output.SayAsync($"{reference} is {commit.Sha[..12]} “{commit.Message}” by {commit.Author}", cancellationToken);
        return commit;
    }

    /// <inheritdoc/>
    public async Task<string?> ReadFileAsync(RepositoryAccess repository, string sha, string path, int maxBytes, CancellationToken cancellationToken)
    {
        using var visit = Visit(repository, UrlOf(repository), null);
        var folder = _folders.Mirror(visit.Url);
        using var turn = await _locks.TakeAsync(folder, null, cancellationToken);
        var mirror = new Mirror(folder, visit, limits);
        await RequireCommitAsync(mirror, visit.Url, sha, cancellationToken);
        return await CommitFile.ReadAsync(command => RepairingAsync(mirror, visit, sha, () => mirror.RunAsync(command, cancellationToken), cancellationToken), sha, path, maxBytes);
    }

    /// <inheritdoc/>
    public async Task CheckoutAsync(RepositoryAccess repository, string sha, string folder, ILogOutput output, CancellationToken cancellationToken)
    {
        if (!GitReference.IsFullHash(sha))
        {
            throw new StepFailure($"'{sha}' is no whole hash of a commit.");
        }

        await CheckoutAsync(repository, UrlOf(repository), sha, folder, output, 0, cancellationToken);
        await output.SayAsync($"Checked out {sha[..12]}", cancellationToken);
    }

    private async Task CheckoutAsync(RepositoryAccess access, RepositoryUrl url, string sha, string folder, ILogOutput output, int depth, CancellationToken cancellationToken)
    {
        IReadOnlyList<Submodule> submodules;
        using (var visit = Visit(access, url, output))
        using (await _locks.TakeAsync(_folders.Mirror(url), output, cancellationToken))
        {
            var mirror = new Mirror(_folders.Mirror(url), visit, limits);
            await RequireCommitAsync(mirror, url, sha, cancellationToken);
            await WriteFilesAsync(mirror, visit, sha, folder, cancellationToken);
            submodules = access.Submodules ? await Submodules.ReadAsync(mirror, sha, cancellationToken) : [];
        }

        if (await GitCheckout.UsesLargeFilesAsync(folder, cancellationToken))
        {
            await output.SayAsync("This repository uses Git LFS. Its large files are left as pointers; fetch them in the build script if it needs them.", cancellationToken);
        }

        if (submodules.Count > MostSubmodules)
        {
            throw new StepFailure($"The commit has more than {MostSubmodules} submodules.");
        }

        foreach (var submodule in submodules)
        {
            await CheckoutSubmoduleAsync(access, url, submodule, folder, output, depth + 1, cancellationToken);
        }
    }

    private async Task CheckoutSubmoduleAsync(RepositoryAccess parent, RepositoryUrl parentUrl, Submodule submodule, string folder, ILogOutput output, int depth, CancellationToken cancellationToken)
    {
        if (depth > DeepestSubmodule)
        {
            throw new StepFailure($"The submodule '{submodule.Path}' lies more than {DeepestSubmodule} submodules deep.");
        }

        try
        {
            // A repository that came over the network gets nothing that lies on this machine, whatever is allowed for others.
            var url = parentUrl.Resolve(submodule.Url, platform.AllowFileRepositories && parentUrl.Scheme == RepositoryScheme.File);
            var place = SubmodulePlace.Find(folder, submodule.Path);
            var isSameHost = string.Equals(url.Origin, parentUrl.Origin, StringComparison.Ordinal);
            var access = isSameHost ? parent with { Url = url.Text } : new RepositoryAccess { Url = url.Text, Submodules = true };
            await output.SayAsync($"Submodule {submodule.Path} at {submodule.Sha[..12]} from {url.Text}", cancellationToken);
            await CheckoutAsync(access, url, submodule.Sha, place, output, depth, cancellationToken);
        }
        catch (InvalidInput e)
        {
            throw new StepFailure($"The address of the submodule '{submodule.Path}' is not accepted: {Sentence.Join(" ", e.Faults.Values.SelectMany(v => v))}", inner: e);
        }
        catch (StepFailure e)
        {
            throw new StepFailure($"Submodule '{submodule.Path}': {e.Said}", e.ExitCode, e);
        }
    }

    private static async Task RequireCommitAsync(Mirror mirror, RepositoryUrl url, string sha, CancellationToken cancellationToken)
    {
        if (await mirror.HasCommitAsync(sha, cancellationToken))
        {
            return;
        }

        await mirror.UpdateAsync(cancellationToken);
        if (!await mirror.HasCommitAsync(sha, cancellationToken) && !await mirror.TryFetchCommitAsync(sha, cancellationToken))
        {
            throw new StepFailure($"The commit {sha[..12]} is no longer in {url.Text}. It may have been removed by a forced push; choose another commit.");
        }
    }

    private static async Task WriteFilesAsync(Mirror mirror, GitVisit visit, string sha, string folder, CancellationToken cancellationToken)
    {
        var result = await RepairingAsync(mirror, visit, sha, () => GitCheckout.RunAsync(mirror, visit, sha, folder, cancellationToken), cancellationToken);
        if (!result.Succeeded)
        {
            throw GitFailures.OfMirror($"Writing the files of {sha[..12]}", result);
        }
    }

    private static async Task<GitResult> RepairingAsync(Mirror mirror, GitVisit visit, string sha, Func<Task<GitResult>> run, CancellationToken cancellationToken)
    {
        var result = await run();
        if (result.Succeeded || !GitFailures.MayBeBrokenMirror(result))
        {
            return result;
        }

        await visit.SayAsync("The local mirror of the repository is damaged and is made anew.", cancellationToken);
        await mirror.RebuildAsync(cancellationToken);
        await RequireCommitAsync(mirror, visit.Url, sha, cancellationToken);
        return await run();
    }

    private GitVisit Visit(RepositoryAccess access, RepositoryUrl url, ILogOutput? output)
    {
        var protocols = platform.AllowFileRepositories ? "https:ssh:file" : "https:ssh";
        return new GitVisit(GitSession.Open(_folders, limits, url, access, protocols), _folders, limits, time, output, logger);
    }

    private RepositoryUrl UrlOf(RepositoryAccess repository) =>
        RepositoryUrl.TryParse(repository.Url, platform.AllowFileRepositories, out var fault) ?? throw new StepFailure(fault!);
}
