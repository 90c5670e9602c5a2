using DevOps.Core;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>The browsers in which the caller is signed in.</summary>
public static class SessionEndpoints
{
    /// <summary>Maps <c>/me/sessions</c>.</summary>
    public static void MapSessions(this IEndpointRouteBuilder group)
    {
        var sessions = group.MapGroup("/me/sessions").WithTags("Access");
        sessions.MapGet("/", ListAsync).WithName("ListSessions").WithSummary("The browsers in which the caller is signed in, last seen first.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        sessions.MapDelete("/", EndOthersAsync).WithName("EndOtherSessions").WithSummary("Signs out every browser but the one that asks.");
        sessions.MapGet("/{id:guid}", GetAsync).WithName("GetSession").WithSummary("One of the caller's sessions.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        sessions.MapDelete("/{id:guid}", EndAsync).WithName("EndSession").WithSummary("Signs out one browser; its cookie is refused from now on.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<Listing<SessionView>>> ListAsync(
        Caller caller, SessionQueries sessions, int? page, int? pageSize, CancellationToken cancellationToken) =>
        TypedResults.Ok(await sessions.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), cancellationToken));

    private static async Task<Ok<SessionView>> GetAsync(Guid id, Caller caller, SessionQueries sessions, CancellationToken cancellationToken) =>
        TypedResults.Ok(await sessions.GetAsync(caller.Actor, id, cancellationToken));

    private static async Task<NoContent> EndAsync(Guid id, Caller caller, EndSessions end, CancellationToken cancellationToken)
    {
        await end.OneAsync(caller.Actor, id, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> EndOthersAsync(Caller caller, EndSessions end, CancellationToken cancellationToken)
    {
        await end.OthersAsync(caller.Actor, cancellationToken);
        return TypedResults.NoContent();
    }
}
