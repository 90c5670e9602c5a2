using System.Text.Json;
using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Blazor.Events;
using DevOps.Blazor.Releases;
using DevOps.Core;
using DevOps.Core.Applications;
using DevOps.Infrastructure.Applications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace DevOps.Blazor.Applications;

/// <summary>What runs where, over HTTP.</summary>
public static class ApplicationEndpoints
{
    private const string One = "/{project}/{environment}/{server}";

    /// <summary>Maps <c>/applications</c>. An application has no number of its own: project, environment and server name it.</summary>
    public static void MapApplications(this IEndpointRouteBuilder group)
    {
        var applications = group.MapGroup("/applications").WithTags("Applications");
        applications.MapGet("/", ListAsync).WithName("ListApplications").WithSummary("What runs where; drift says that a server runs another release than was deployed.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        applications.MapGet(One, GetAsync).WithName("GetApplication").WithSummary("What runs of a project on one server.").ProducesProblem(StatusCodes.Status404NotFound);
        applications.MapPost(One + "/control", ControlAsync).WithName("ControlApplication").WithExample(ControlBody.Example)
            .WithSummary("Starts, stops, restarts or asks with the project's own commands and answers their output. 409 while a deployment runs there.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        applications.MapGet(One + "/log", FollowAsync).WithName("FollowRuntimeLog")
            .WithSummary("Follows the project's control.log as server-sent events: line, end. The command on the server ends with the request.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<Listing<ApplicationAnswer>>> ListAsync(
        [AsParameters] ApplicationsWanted wanted, Caller caller, ApplicationQueries applications, CancellationToken cancellationToken)
    {
        var filter = new ApplicationFilter(wanted.Project, wanted.Environment, wanted.Server);
        var list = await applications.ListAsync(caller.Actor, filter, PageRequest.Of(wanted.Page, wanted.PageSize), cancellationToken);
        return TypedResults.Ok(new Listing<ApplicationAnswer>([.. list.Items.Select(ApplicationAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<ApplicationAnswer>> GetAsync(
        string project, string environment, string server, Caller caller, ApplicationQueries applications, CancellationToken cancellationToken) =>
        await applications.FindAsync(caller.Actor, new ApplicationName(project, environment, server), cancellationToken) is { } view
            ? TypedResults.Ok(ApplicationAnswer.Of(view))
            : throw new Core.Refusals.NotFound("The application");

    private static async Task<Ok<ControlResult>> ControlAsync(
        string project, string environment, string server, ControlBody body, Caller caller, ControlApplication control, CancellationToken cancellationToken) =>
        TypedResults.Ok(await control.RunAsync(caller.Actor, new ApplicationName(project, environment, server), body.Action, cancellationToken));

    private static async Task<IResult> FollowAsync([AsParameters] LogWanted wanted, HttpContext context, CancellationToken cancellationToken)
    {
        var batches = await wanted.Follow.OpenAsync(wanted.Caller.Actor, new ApplicationName(wanted.Project, wanted.Environment, wanted.Server), cancellationToken);
        await wanted.Stream.RunAsync(
            context,
            async (frames, stop) =>
            {
                await foreach (var lines in batches.WithCancellation(stop))
                {
                    await frames.WriteAsync(string.Concat(lines.Select(l => EventStream.Frame("line", JsonSerializer.Serialize(RuntimeLine.Of(l), wanted.Json.Value.SerializerOptions), l.N))), stop);
                }

                await frames.WriteAsync(EventStream.End, stop);
            },
            cancellationToken);
        return Results.Empty;
    }

    private sealed record ApplicationsWanted(string? Project, string? Environment, string? Server, int? Page, int? PageSize);

    private sealed record LogWanted(string Project, string Environment, string Server, Caller Caller, FollowRuntimeLog Follow, EventStream Stream, IOptions<JsonOptions> Json);
}

/// <summary>What shall be done.</summary>
public sealed record ControlBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "action": "restart" }
        """;

    /// <summary>Start, stop, restart or status.</summary>
    public required ControlAction Action { get; init; }
}

/// <summary>How an application is doing.</summary>
public enum ApplicationHealth
{
    /// <summary>No check was asked for.</summary>
    NotChecked,

    /// <summary>The check after the activation was good.</summary>
    Healthy,

    /// <summary>The check after the activation was not good.</summary>
    Unhealthy,
}

/// <summary>What runs on a server.</summary>
/// <param name="Project">Key of the project.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Server">Name of the server.</param>
/// <param name="Release">Number of the release that was deployed.</param>
/// <param name="Commit">What it was built from.</param>
/// <param name="ActivatedAt">Since when.</param>
/// <param name="Health">Result of the check after the activation.</param>
/// <param name="Drift">Whether the server really runs something else.</param>
/// <param name="ObservedRelease">What the server last said is current.</param>
/// <param name="ObservedAt">When it was last asked.</param>
/// <param name="PreviousReleases">What ran there before, newest first.</param>
public sealed record ApplicationAnswer(
    string Project, string Environment, string Server, int Release, ReleaseCommit? Commit, DateTimeOffset ActivatedAt, ApplicationHealth Health, bool Drift,
    int? ObservedRelease, DateTimeOffset? ObservedAt, IReadOnlyList<int> PreviousReleases)
{
    internal static ApplicationAnswer Of(ApplicationView view) => new(
        view.Name.Project, view.Name.Environment, view.Name.Server, view.Row.Release,
        view.CommitSha is { } sha ? new ReleaseCommit(sha, view.CommitMessage ?? "", view.CommitAuthor ?? "", view.CommitRef ?? "") : null,
        view.Row.ActivatedAt,
        view.Row.Healthy switch { true => ApplicationHealth.Healthy, false => ApplicationHealth.Unhealthy, null => ApplicationHealth.NotChecked },
        view.Row.HasDrifted, view.Row.ObservedRelease, view.Row.ObservedAt, view.PreviousReleases);
}

/// <summary>A line of a runtime log.</summary>
/// <param name="N">Number since the following began.</param>
/// <param name="At">When it arrived.</param>
/// <param name="Stream">Where it came from.</param>
/// <param name="Text">The text, secrets hidden.</param>
public sealed record RuntimeLine(long N, DateTimeOffset At, Core.Logs.LogStream Stream, string Text)
{
    internal static RuntimeLine Of(Core.Logs.LogLine line) => new(line.N, line.At, line.Stream, line.Text);
}
