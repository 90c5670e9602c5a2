using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Environments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Environments;

/// <summary>Environments of a project over HTTP.</summary>
public static class EnvironmentEndpoints
{
    /// <summary>Maps <c>/projects/{key}/environments</c>.</summary>
    public static void MapEnvironments(this IEndpointRouteBuilder group)
    {
        var environments = group.MapGroup("/projects/{key}/environments").WithTags("Environments");
        environments.MapGet("/", ListAsync).WithName("ListEnvironments")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        environments.MapGet("/{name}", GetAsync).WithName("GetEnvironment").ProducesProblem(StatusCodes.Status404NotFound);
        environments.MapPut("/{name}", PutAsync).WithName("PutEnvironment").WithExample(EnvironmentBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        environments.MapPost("/{name}/lock", LockAsync).WithName("LockEnvironment").WithExample(LockBody.Example).WithSummary("Stops deployments by hand.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        environments.MapDelete("/{name}/lock", UnlockAsync).WithName("UnlockEnvironment").WithSummary("Allows deployments again.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        environments.MapDelete("/{name}", DeleteAsync).WithName("DeleteEnvironment")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<Ok<Listing<EnvironmentAnswer>>> ListAsync(
        string key, Caller caller, EnvironmentQueries environments, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var request = PageRequest.Of(page, pageSize);
        var all = await environments.ListAsync(caller.Actor, key, cancellationToken);
        return TypedResults.Ok(new Listing<EnvironmentAnswer>(
            [.. all.Skip(request.Skip).Take(request.PageSize).Select(EnvironmentAnswer.Of)], request.Page, request.PageSize, all.Count));
    }

    private static async Task<Ok<EnvironmentAnswer>> GetAsync(
        string key, string name, Caller caller, EnvironmentQueries environments, HttpResponse response, CancellationToken cancellationToken) =>
        TypedResults.Ok(await AnswerAsync(key, name, caller, environments, response, cancellationToken));

    private static async Task<Results<Ok<EnvironmentAnswer>, Created<EnvironmentAnswer>>> PutAsync(
        [AsParameters] EnvironmentPut put, EnvironmentBody body, HttpResponse response, CancellationToken cancellationToken)
    {
        if (body.Name is not null && !string.Equals(body.Name, put.Name, StringComparison.Ordinal))
        {
            throw new InvalidInput("name", "A name cannot be changed. Leave it out or give the one in the address.");
        }

        var change = await put.Verb.RunAsync(put.Caller.Actor, put.Key, body.Draft(put.Name), put.IfMatch.Revision, cancellationToken);
        var answer = await AnswerAsync(put.Key, put.Name, put.Caller, put.Environments, response, cancellationToken);
        return change.Created ? TypedResults.Created($"/api/v1/projects/{put.Key}/environments/{put.Name}", answer) : TypedResults.Ok(answer);
    }

    private static async Task<Ok<EnvironmentAnswer>> LockAsync(
        string key, string name, LockBody body, Caller caller, LockEnvironment verb, EnvironmentQueries environments, CancellationToken cancellationToken)
    {
        await verb.LockAsync(caller.Actor, key, name, body.Reason, cancellationToken);
        return TypedResults.Ok(EnvironmentAnswer.Of(await environments.GetAsync(caller.Actor, key, name, cancellationToken)));
    }

    // A body is accepted and not read: the contract gives both methods the same one.
    private static async Task<NoContent> UnlockAsync(string key, string name, Caller caller, LockEnvironment verb, CancellationToken cancellationToken)
    {
        await verb.UnlockAsync(caller.Actor, key, name, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> DeleteAsync(string key, string name, Caller caller, IfMatch ifMatch, DeleteEnvironment delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, key, name, ifMatch.Revision, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<EnvironmentAnswer> AnswerAsync(
        string key, string name, Caller caller, EnvironmentQueries environments, HttpResponse response, CancellationToken cancellationToken)
    {
        var view = await environments.GetAsync(caller.Actor, key, name, cancellationToken);
        response.SendTag(view.Environment.Revision);
        return EnvironmentAnswer.Of(view);
    }
}

/// <summary>What a PUT of an environment takes besides its body.</summary>
internal sealed record EnvironmentPut(string Key, string Name, Caller Caller, IfMatch IfMatch, CreateOrChangeEnvironment Verb, EnvironmentQueries Environments);
