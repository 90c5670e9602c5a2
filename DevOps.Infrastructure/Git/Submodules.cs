using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Git;

/// <summary>A submodule of a commit.</summary>
/// <param name="Path">Where it belongs.</param>
/// <param name="Url">Address as <c>.gitmodules</c> has it.</param>
/// <param name="Sha">The commit it stands on.</param>
internal sealed record Submodule(string Path, string Url, string Sha);

/// <summary>Reads which submodules a commit has.</summary>
internal static class Submodules
{
    /// <summary>Lists them.</summary>
    /// <exception cref="StepFailure">One has no address.</exception>
    public static async Task<IReadOnlyList<Submodule>> ReadAsync(Mirror mirror, string sha, CancellationToken cancellationToken)
    {
        var tree = await mirror.RunAsync(["ls-tree", "-r", "-z", "--full-tree", sha], cancellationToken);
        if (!tree.Succeeded)
        {
            throw GitFailures.OfMirror($"Reading the commit {sha}", tree);
        }

        var links = tree.Output.Split('\0').Where(l => l.StartsWith("160000 ", StringComparison.Ordinal)).Select(l => l.Split('\t', 2)).ToList();
        if (links.Count == 0)
        {
            return [];
        }

        var urls = await ReadUrlsAsync(mirror, sha, cancellationToken);
        return [.. links.Select(l => new Submodule(l[1], UrlOf(l[1], urls), l[0].Split(' ')[2]))];
    }

    private static string UrlOf(string path, Dictionary<string, string> urls) =>
        urls.TryGetValue(path, out var url) ? url : throw new StepFailure($"The submodule '{path}' has no address in .gitmodules. Add it there, or turn submodules off for this project.");

    private static async Task<Dictionary<string, string>> ReadUrlsAsync(Mirror mirror, string sha, CancellationToken cancellationToken)
    {
        var settings = await mirror.RunAsync(["config", "--blob", $"{sha}:.gitmodules", "-z", "--get-regexp", @"^submodule\..*\.(path|url)$"], cancellationToken);
        var values = settings.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('\n', 2)).Where(v => v.Length == 2).ToList();
        var urls = values.Where(v => v[0].EndsWith(".url", StringComparison.Ordinal)).GroupBy(v => v[0][..^4], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last()[1], StringComparer.Ordinal);
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in values.Where(v => v[0].EndsWith(".path", StringComparison.Ordinal)))
        {
            if (urls.TryGetValue(path[0][..^5], out var url))
            {
                paths[path[1]] = url;
            }
        }

        return paths;
    }
}
