using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Servers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Servers;

/// <summary>Servers over HTTP.</summary>
public static class ServerEndpoints
{
    /// <summary>Maps <c>/servers</c>.</summary>
    public static void MapServers(this IEndpointRouteBuilder group)
    {
        var servers = group.MapGroup("/servers").WithTags("Servers");
        servers.MapGet("/", ListAsync).WithName("ListServers").ProducesProblem(StatusCodes.Status400BadRequest);
        servers.MapPost("/", AddAsync).WithName("AddServer").WithExample(ServerBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        servers.MapGet("/{name}", GetAsync).WithName("GetServer").ProducesProblem(StatusCodes.Status404NotFound);
        servers.MapPut("/{name}", ChangeAsync).WithName("ChangeServer").WithExample(ServerBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        servers.MapDelete("/{name}", DeleteAsync).WithName("DeleteServer")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        servers.MapGet("/{name}/host-key", ScanAsync).WithName("ScanHostKey")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        servers.MapPost("/{name}/host-key", PinAsync).WithName("PinHostKey").WithExample(PinBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        servers.MapPost("/{name}/check", CheckAsync).WithName("CheckServer").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<Listing<ServerAnswer>>> ListAsync(Caller caller, ServerQueries servers, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var list = await servers.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), cancellationToken);
        return TypedResults.Ok(new Listing<ServerAnswer>([.. list.Items.Select(ServerAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<ServerAnswer>> GetAsync(string name, Caller caller, ServerQueries servers, HttpResponse response, CancellationToken cancellationToken) =>
        TypedResults.Ok(await AnswerAsync(name, caller, servers, response, cancellationToken));

    private static async Task<Created<ServerAnswer>> AddAsync(
        ServerBody body, Caller caller, AddServer add, ServerQueries servers, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.ServerEdit);
        var name = body.Name ?? throw new InvalidInput("name", "This field is required.");
        await add.RunAsync(caller.Actor, body.Draft(name), cancellationToken);
        return TypedResults.Created($"/api/v1/servers/{name}", await AnswerAsync(name, caller, servers, response, cancellationToken));
    }

    private static async Task<Ok<ServerAnswer>> ChangeAsync(
        string name, ServerBody body, Caller caller, IfMatch ifMatch, ChangeServer change, ServerQueries servers, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.ServerEdit);
        if (body.Name is not null && !string.Equals(body.Name, name, StringComparison.Ordinal))
        {
            throw new InvalidInput("name", "A name cannot be changed. Leave it out or give the one in the address.");
        }

        await change.RunAsync(caller.Actor, body.Draft(name), ifMatch.Revision, cancellationToken);
        return TypedResults.Ok(await AnswerAsync(name, caller, servers, response, cancellationToken));
    }

    private static async Task<NoContent> DeleteAsync(string name, Caller caller, IfMatch ifMatch, DeleteServer delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, name, ifMatch.Revision, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<HostKeyAnswer>> ScanAsync(string name, Caller caller, ScanHostKey scan, CancellationToken cancellationToken) =>
        TypedResults.Ok(HostKeyAnswer.Of(await scan.RunAsync(caller.Actor, name, cancellationToken)));

    private static async Task<Ok<ServerAnswer>> PinAsync(
        string name, PinBody body, Caller caller, PinHostKey pin, ServerQueries servers, HttpResponse response, CancellationToken cancellationToken)
    {
        await pin.RunAsync(caller.Actor, name, body.Fingerprint, cancellationToken);
        return TypedResults.Ok(await AnswerAsync(name, caller, servers, response, cancellationToken));
    }

    private static async Task<Ok<ServerCheck>> CheckAsync(string name, Caller caller, CheckServer check, CancellationToken cancellationToken) =>
        TypedResults.Ok(await check.RunAsync(caller.Actor, name, cancellationToken));

    private static async Task<ServerAnswer> AnswerAsync(string name, Caller caller, ServerQueries servers, HttpResponse response, CancellationToken cancellationToken)
    {
        var view = await servers.GetAsync(caller.Actor, name, cancellationToken);
        response.SendTag(view.Server.Revision);
        return ServerAnswer.Of(view);
    }
}
