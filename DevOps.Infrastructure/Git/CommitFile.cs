using System.Globalization;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Git;

/// <summary>Reads one file of a commit, without a checkout.</summary>
internal static class CommitFile
{
    /// <summary>Reads it as text.</summary>
    /// <param name="run">Runs a git command on the mirror.</param>
    /// <param name="sha">Full hash of the commit.</param>
    /// <param name="path">The file's path from the root.</param>
    /// <param name="maxBytes">Largest size that is accepted.</param>
    /// <returns>The text without a byte order mark, or null when the commit has no such file.</returns>
    /// <exception cref="StepFailure">It is no plain file, too large, or no UTF-8.</exception>
    public static async Task<string?> ReadAsync(Func<IReadOnlyList<string>, Task<GitResult>> run, string sha, string path, int maxBytes)
    {
        var tree = await run(["--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree", sha, "--", path]);
        if (!tree.Succeeded)
        {
            throw GitFailures.OfMirror($"Reading the commit {sha}", tree);
        }

        // "100644 blob 3b18e5… 6\tdeploy.yml"
        if (tree.Output.Split('\t')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var mode, var kind, var hash, var size])
        {
            return null;
        }

        if (mode is not ("100644" or "100755") || kind is not "blob")
        {
            throw new StepFailure($"{path} is a link or a folder. Make it a plain file.");
        }

        if (long.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture) > maxBytes)
        {
            throw new StepFailure($"{path} has {size} bytes; {maxBytes} are the most.");
        }

        var blob = await run(["cat-file", "blob", hash]);
        if (!blob.Succeeded)
        {
            throw GitFailures.OfMirror($"Reading {path} of the commit {sha}", blob);
        }

        // What is no UTF-8 was read as U+FFFD.
        return blob.Output.Contains('\uFFFD', StringComparison.Ordinal)
            ? throw new StepFailure($"{path} is not UTF-8. Save it as such.")
            : blob.Output.TrimStart('\uFEFF');
    }
}
