using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Git;

/// <summary>Writes the files of a commit: git's own checkout by way of a throw-away index, so that links, modes and line ends are as everywhere, and no <c>.git</c> is left.</summary>
internal static class GitCheckout
{
    /// <summary>Writes the files of a commit into an empty folder.</summary>
    /// <returns>What git said; a failure may be the mirror's.</returns>
    public static async Task<GitResult> RunAsync(Mirror mirror, GitVisit visit, string sha, string folder, CancellationToken cancellationToken)
    {
        MakeEmpty(folder);
        var index = visit.PrivateFile($"index-{Guid.NewGuid():N}");
        var read = await mirror.RunOnFilesAsync(folder, index, ["read-tree", sha], cancellationToken);
        return read.Succeeded ? await mirror.RunOnFilesAsync(folder, index, ["checkout-index", "--all", "--force", "--quiet"], cancellationToken) : read;
    }

    /// <summary>Whether large files were left as pointers of Git LFS.</summary>
    public static async Task<bool> UsesLargeFilesAsync(string folder, CancellationToken cancellationToken)
    {
        var attributes = new FileInfo(Path.Combine(folder, ".gitattributes"));
        return attributes is { Exists: true, LinkTarget: null } && (await File.ReadAllTextAsync(attributes.FullName, cancellationToken)).Contains("filter=lfs", StringComparison.Ordinal);
    }

    private static void MakeEmpty(string folder)
    {
        if (Path.Exists(folder) || new FileInfo(folder).LinkTarget is not null)
        {
            var isFolder = new DirectoryInfo(folder) is { Exists: true, LinkTarget: null };
            if (isFolder)
            {
                Directory.Delete(folder, recursive: true);
            }
            else
            {
                File.Delete(folder);
            }
        }

        Directory.CreateDirectory(folder);
    }
}
