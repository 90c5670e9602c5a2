using DevOps.Blazor.Access;
using DevOps.Core;
using DevOps.Infrastructure.Releases;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Releases;

/// <summary>Releases of a project over HTTP.</summary>
public static class ReleaseEndpoints
{
    /// <summary>Maps <c>/projects/{key}/releases</c>.</summary>
    public static void MapReleases(this IEndpointRouteBuilder group)
    {
        var releases = group.MapGroup("/projects/{key}/releases").WithTags("Releases").ProducesProblem(StatusCodes.Status404NotFound);
        releases.MapGet("/", ListAsync).WithName("ListReleases").ProducesProblem(StatusCodes.Status400BadRequest);
        releases.MapGet("/{number:int}", GetAsync).WithName("GetRelease");
        releases.MapGet("/{number:int}/artifact", DownloadAsync).WithName("DownloadArtifact").ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<Listing<ReleaseAnswer>>> ListAsync(
        string key, Caller caller, ReleaseQueries releases, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var list = await releases.ListAsync(caller.Actor, key, PageRequest.Of(page, pageSize), cancellationToken);
        return TypedResults.Ok(new Listing<ReleaseAnswer>([.. list.Items.Select(ReleaseAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<ReleaseAnswer>> GetAsync(string key, int number, Caller caller, ReleaseQueries releases, CancellationToken cancellationToken) =>
        TypedResults.Ok(ReleaseAnswer.Of(await releases.GetAsync(caller.Actor, key, number, cancellationToken)));

    private static async Task<FileStreamHttpResult> DownloadAsync(string key, int number, Caller caller, ReleaseQueries releases, CancellationToken cancellationToken) =>
        TypedResults.Stream(
            await releases.OpenArtifactAsync(caller.Actor, key, number, cancellationToken),
            "application/x-tar",
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}-{number}.tar"),
            enableRangeProcessing: true);
}

/// <summary>The commit something was built from.</summary>
/// <param name="Sha">Full hash.</param>
/// <param name="Message">First line of the message.</param>
/// <param name="Author">Name of the author.</param>
/// <param name="Ref">Branch or tag.</param>
public sealed record ReleaseCommit(string Sha, string Message, string Author, string Ref);

/// <summary>A release.</summary>
/// <param name="Number">Number within the project.</param>
/// <param name="Commit">What it was built from.</param>
/// <param name="SizeBytes">Sum of the file sizes.</param>
/// <param name="Sha256">One hash for the whole content.</param>
/// <param name="Files">Number of files.</param>
/// <param name="BuiltAt">When it was built.</param>
/// <param name="DeployedTo">Where it is current.</param>
public sealed record ReleaseAnswer(
    int Number, ReleaseCommit Commit, long SizeBytes, string Sha256, int Files, DateTimeOffset BuiltAt, IReadOnlyList<ReleasePlace> DeployedTo)
{
    internal static ReleaseAnswer Of(ReleaseView view)
    {
        var release = view.Release;
        return new(
            release.Number, new ReleaseCommit(release.CommitSha, release.CommitMessage, release.CommitAuthor, release.CommitRef),
            release.SizeBytes, release.Sha256, release.Files, release.BuiltAt, view.DeployedTo);
    }
}
