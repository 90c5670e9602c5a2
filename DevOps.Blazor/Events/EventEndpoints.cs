using DevOps.Blazor.Access;
using DevOps.Infrastructure.Events;

namespace DevOps.Blazor.Events;

/// <summary>What happens to deployments, as it happens, for programs.</summary>
public static class EventEndpoints
{
    /// <summary>Adds what writes streams, and the one of this room.</summary>
    public static IServiceCollection AddEventStream(this IServiceCollection services) => services.AddSingleton<EventStream>().AddSingleton<DeploymentEventStream>();

    /// <summary>Maps <c>/events</c>.</summary>
    public static void MapEvents(this IEndpointRouteBuilder group) =>
        group.MapGet("/events", StreamAsync).WithTags("Deployments").WithName("StreamEvents")
            .WithSummary("Changes of deployments as server-sent events: ready, created, status, step, server, approval, reset (read everything again). Last-Event-ID resumes.")
            .Produces<EventView>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> StreamAsync(
        [AsParameters] EventRequest wanted, Caller caller, EventReader reader, DeploymentEventStream stream, HttpContext context, CancellationToken cancellationToken)
    {
        var after = wanted.After;
        await reader.DemandAsync(caller.Actor, wanted.Filter, cancellationToken);
        await stream.RunAsync(context, wanted.Filter, after, cancellationToken);
        return Results.Empty;
    }
}
