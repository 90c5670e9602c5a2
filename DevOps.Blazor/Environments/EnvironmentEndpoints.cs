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
        environments.MapPut("/{name}", PutAsync).WithName("PutEnvironment")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
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

/// <summary>An environment as a client sends it.</summary>
public sealed record EnvironmentBody
{
    /// <summary>May be given when it is the name in the address.</summary>
    public string? Name { get; init; }

    /// <summary>Place in the line from development to production, from 1.</summary>
    public int Position { get; init; } = 1;

    /// <summary>Names of servers.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Servers with any of these tags belong to it too.</summary>
    public IReadOnlyList<string> ServerTags { get; init; } = [];

    /// <summary>Plain variables for the commands on servers.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets, write-only: one that is left out stays, null deletes it.</summary>
    public IReadOnlyDictionary<string, string?> Secrets { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of the secrets as a GET answers them. Taken and not used, so that what was read can be sent back.</summary>
    public IReadOnlyList<string> SecretNames { get; init; } = [];

    /// <summary>Files written into each release: relative path to content.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether pushes that match the project's triggers are deployed here by themselves.</summary>
    public bool AutoDeploy { get; init; }

    /// <summary>Whether a newer request replaces those that still wait.</summary>
    public bool Supersede { get; init; } = true;

    internal EnvironmentDraft Draft(string name) => new()
    {
        Name = name,
        Position = Position,
        Servers = Servers,
        ServerTags = ServerTags,
        Variables = Variables,
        Secrets = Secrets,
        Files = Files,
        AutoDeploy = AutoDeploy,
        Supersede = Supersede,
    };
}

/// <summary>An environment.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Position">Place in the line from development to production, from 1.</param>
/// <param name="Servers">Names of servers.</param>
/// <param name="ServerTags">Servers with any of these tags belong to it too.</param>
/// <param name="Variables">Plain variables for the commands on servers.</param>
/// <param name="SecretNames">Names of the secrets.</param>
/// <param name="Files">Files written into each release.</param>
/// <param name="AutoDeploy">Whether pushes that match the project's triggers are deployed here by themselves.</param>
/// <param name="Supersede">Whether a newer request replaces those that still wait.</param>
public sealed record EnvironmentAnswer(
    string Name, int Position, IReadOnlyList<string> Servers, IReadOnlyList<string> ServerTags, IReadOnlyDictionary<string, string> Variables,
    IReadOnlyList<string> SecretNames, IReadOnlyDictionary<string, string> Files, bool AutoDeploy, bool Supersede)
{
    internal static EnvironmentAnswer Of(EnvironmentView view)
    {
        var environment = view.Environment;
        return new(
            environment.Name, environment.Position, environment.Servers, environment.ServerTags, environment.Variables,
            view.SecretNames, environment.Files, environment.AutoDeploy, environment.Supersede);
    }
}
