using DevOps.Core.Pipeline;
using DevOps.Core.Projects;

namespace DevOps.Infrastructure.Git;

/// <summary>The bare mirror of one repository. Its owner holds the mirror's lock.</summary>
internal sealed class Mirror(string folder, GitVisit visit, GitOptions limits)
{
    private static readonly string[] BranchesAndTags = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

    /// <summary>Brings in what is new and removes what is gone. A mirror that is half-made or damaged is made anew.</summary>
    /// <exception cref="StepFailure">The repository cannot be read.</exception>
    public async Task UpdateAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
        {
            var result = await FetchAsync(folder, BranchesAndTags, cancellationToken);
            if (result.Succeeded)
            {
                return;
            }

            if (!GitFailures.MayBeBrokenMirror(result))
            {
                throw GitFailures.OfHost(visit.Url, visit.HasCredential, result);
            }

            await visit.SayAsync("The local mirror of the repository is damaged and is made anew.", cancellationToken);
        }

        await RebuildAsync(cancellationToken);
    }

    /// <summary>Makes the mirror anew beside the old one and puts it in its place when it is whole.</summary>
    /// <exception cref="StepFailure">The repository cannot be read.</exception>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var draft = folder + ".new";
        Remove(draft);
        var made = await visit.RunLocalAsync(["init", "--quiet", "--bare", "--template=", "--", draft], cancellationToken);
        if (!made.Succeeded)
        {
            throw GitFailures.OfMirror("Making the local mirror", made);
        }

        var fetched = await FetchAsync(draft, BranchesAndTags, cancellationToken);
        if (!fetched.Succeeded)
        {
            Remove(draft);
            throw GitFailures.OfHost(visit.Url, visit.HasCredential, fetched);
        }

        Remove(folder);
        Directory.Move(draft, folder);
    }

    /// <summary>Brings in one commit that no branch or tag leads to any more.</summary>
    /// <returns>Whether the repository still gives it.</returns>
    public async Task<bool> TryFetchCommitAsync(string sha, CancellationToken cancellationToken) =>
        (await FetchAsync(folder, [sha], cancellationToken)).Succeeded && await HasCommitAsync(sha, cancellationToken);

    /// <summary>Whether a commit is here.</summary>
    public async Task<bool> HasCommitAsync(string sha, CancellationToken cancellationToken) =>
        Directory.Exists(folder) && (await RunAsync(["cat-file", "-e", sha + "^{commit}"], cancellationToken)).Succeeded;

    /// <summary>Runs a command on the mirror.</summary>
    public Task<GitResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        visit.RunLocalAsync([$"--git-dir={folder}", .. arguments], cancellationToken);

    /// <summary>Runs a command on the mirror and a folder of files, by way of an index of its own.</summary>
    public Task<GitResult> RunOnFilesAsync(string files, string index, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        visit.RunLocalAsync([$"--git-dir={folder}", $"--work-tree={files}", .. arguments], cancellationToken, index);

    private Task<GitResult> FetchAsync(string gitFolder, string[] what, CancellationToken cancellationToken) =>
        visit.RunRemoteAsync(
            [
                $"--git-dir={gitFolder}", "fetch", "--progress", "--force", .. what.Length > 1 ? new[] { "--prune" } : [], "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                "--", visit.Url.Text, .. what,
            ],
            limits.FetchTimeout,
            cancellationToken);

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
