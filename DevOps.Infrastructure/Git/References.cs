using System.Globalization;
using DevOps.Core;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Git;

/// <summary>Finds commits by branch, tag or hash.</summary>
internal static class References
{
    private const int MaxMessage = 500;
    private const int MaxAuthor = 200;
    private const int ShownNames = 10;

    /// <summary>Finds the commit that a name or hash means: a branch before a tag before a hash.</summary>
    /// <exception cref="StepFailure">There is none; the message lists the names that come near.</exception>
    public static async Task<SourceCommit> FindAsync(Mirror mirror, string reference, CancellationToken cancellationToken)
    {
        if (!GitReference.IsValid(reference))
        {
            throw new StepFailure($"'{Excerpt.Shortened(reference, 100)}' cannot be the name of a branch or tag, nor a commit's hash.");
        }

        var sha = await FindNamedAsync(mirror, reference, cancellationToken) ?? await FindHashAsync(mirror, reference, cancellationToken);
        return sha is null ? throw await UnknownAsync(mirror, reference, cancellationToken) : await DescribeAsync(mirror, sha, reference, cancellationToken);
    }

    private static async Task<string?> FindNamedAsync(Mirror mirror, string reference, CancellationToken cancellationToken)
    {
        string[] names = reference.StartsWith("refs/heads/", StringComparison.Ordinal) || reference.StartsWith("refs/tags/", StringComparison.Ordinal)
            ? [reference]
            : ["refs/heads/" + reference, "refs/tags/" + reference];
        foreach (var name in names)
        {
            if (await ParseAsync(mirror, name, cancellationToken) is { } sha)
            {
                return sha;
            }
        }

        return null;
    }

    private static async Task<string?> FindHashAsync(Mirror mirror, string reference, CancellationToken cancellationToken)
    {
        if (!GitReference.MayBeHash(reference) || await ParseAsync(mirror, reference.ToLowerInvariant(), cancellationToken) is not { } sha)
        {
            return null;
        }

        // Hosts hand out commits of other people's forks by hash: only what a branch or tag of this repository leads to counts.
        var leading = await mirror.RunAsync(["for-each-ref", "--count=1", "--format=%(refname)", "--contains", sha, "refs/heads/", "refs/tags/"], cancellationToken);
        return leading.Succeeded && leading.Output.Length > 0
            ? sha
            : throw new StepFailure($"No branch or tag of the repository leads to the commit {sha[..12]} any more. Push it to a branch, or choose another commit.");
    }

    private static async Task<string?> ParseAsync(Mirror mirror, string name, CancellationToken cancellationToken)
    {
        var result = await mirror.RunAsync(["rev-parse", "--verify", "--quiet", name + "^{commit}"], cancellationToken);
        var sha = result.Output.Trim();
        return result.Succeeded && GitReference.IsFullHash(sha) ? sha : null;
    }

    private static async Task<SourceCommit> DescribeAsync(Mirror mirror, string sha, string reference, CancellationToken cancellationToken)
    {
        var result = await mirror.RunAsync(["log", "-1", "--no-show-signature", "--encoding=UTF-8", "--format=%ct%x00%an%x00%s", sha, "--"], cancellationToken);
        var parts = result.Output.TrimEnd('\n').Split('\0', 3);
        if (!result.Succeeded || parts.Length < 3 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            throw GitFailures.OfMirror($"Reading the commit {sha}", result);
        }

        return new SourceCommit(sha, Excerpt.Shortened(parts[2], MaxMessage), Excerpt.Shortened(parts[1], MaxAuthor), reference, At(seconds));
    }

    // A commit may claim any time.
    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));

    private static async Task<StepFailure> UnknownAsync(Mirror mirror, string reference, CancellationToken cancellationToken)
    {
        var listed = await mirror.RunAsync(["for-each-ref", "--format=%(refname:strip=2)", "refs/heads/", "refs/tags/"], cancellationToken);
        var names = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var near = NearNames.Of(reference, names, ShownNames);
        var hint = names.Length == 0 ? Sentence.Of("The repository is empty: push a commit first.") : $"There is: {string.Join(", ", near)}{(names.Length > near.Count ? ", …" : "")}.";
        return new StepFailure($"The repository has no branch, tag or commit '{reference}'. {hint}");
    }
}
