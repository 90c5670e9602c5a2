using System.Globalization;
using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Deployments;

/// <summary>Deployments over HTTP.</summary>
public static class DeploymentEndpoints
{
    private const string RequestExample = """
        { "environment": "production", "ref": "main", "servers": ["app-1"], "note": "Release of the week", "overrideFreeze": false }
        """;

    /// <summary>Maps <c>/projects/{key}/deployments</c> and <c>/deployments</c>.</summary>
    public static void MapDeployments(this IEndpointRouteBuilder group)
    {
        group.MapPost("/projects/{key}/deployments", RequestAsync).WithTags("Deployments").WithName("RequestDeployment").WithExample(RequestExample)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

        var deployments = group.MapGroup("/deployments").WithTags("Deployments");
        deployments.MapGet("/", ListAsync).WithName("ListDeployments").ProducesProblem(StatusCodes.Status400BadRequest);
        deployments.MapGet("/{id:long}", GetAsync).WithName("GetDeployment").ProducesProblem(StatusCodes.Status404NotFound);
        deployments.MapPost("/{id:long}/cancel", CancelAsync).WithName("CancelDeployment")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/{id:long}/approve", ApproveAsync).WithName("ApproveDeployment").WithExample(DecisionBody.Example).WithSummary("Says yes to a deployment that waits for approval.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/{id:long}/reject", RejectAsync).WithName("RejectDeployment").WithExample(DecisionBody.Example).WithSummary("Says no: the deployment ends.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/{id:long}/continue", ContinueAsync).WithName("ContinueDeployment").WithExample(ContinueBody.Example).WithSummary("Gives the word a deployment waits for, after the first servers or after a failure.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/{id:long}/retry", RetryAsync).WithName("RetryDeployment").WithExample(RetryBody.Example)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        deployments.MapPost("/{id:long}/rollback", RollBackAsync).WithName("RollBackDeployment").WithExample(RollBackBody.Example)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Accepted<DeploymentAnswer>> RequestAsync(string key, DeploymentRequest body, Caller caller, RequestDeployment request, CancellationToken cancellationToken) =>
        Accepted(await request.RunAsync(caller.Actor, key, body, Trigger.Api, cancellationToken));

    private static async Task<Ok<Listing<DeploymentSummary>>> ListAsync(Caller caller, DeploymentQueries queries, string? project, string? environment, string? status, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var filter = new DeploymentFilter(project, environment, StatusOf(status));
        return TypedResults.Ok(await queries.ListAsync(caller.Actor, filter, PageRequest.Of(page, pageSize), cancellationToken));
    }

    private static async Task<Ok<DeploymentDetail>> GetAsync(long id, Caller caller, DeploymentQueries queries, CancellationToken cancellationToken) =>
        TypedResults.Ok(await queries.GetAsync(caller.Actor, id, cancellationToken));

    private static async Task<Accepted<DeploymentAnswer>> CancelAsync(long id, Caller caller, CancelDeployment cancel, CancellationToken cancellationToken) =>
        Accepted(await cancel.RunAsync(caller.Actor, id, cancellationToken));

    private static async Task<Accepted<DeploymentAnswer>> ApproveAsync(long id, DecisionBody? body, Caller caller, ApproveDeployment approve, CancellationToken cancellationToken) =>
        Accepted(await approve.RunAsync(caller.Actor, id, body?.Comment, cancellationToken));

    private static async Task<Accepted<DeploymentAnswer>> RejectAsync(long id, DecisionBody? body, Caller caller, RejectDeployment reject, CancellationToken cancellationToken) =>
        Accepted(await reject.RunAsync(caller.Actor, id, body?.Comment, cancellationToken));

    private static async Task<Accepted<DeploymentAnswer>> ContinueAsync(long id, ContinueBody? body, Caller caller, ContinueDeployment verb, CancellationToken cancellationToken) =>
        Accepted(await verb.RunAsync(caller.Actor, id, body?.Action ?? ContinueAction.Continue, body?.Server, cancellationToken));

    private static async Task<Accepted<DeploymentAnswer>> RetryAsync(long id, RetryBody? body, Caller caller, RetryDeployment retry, CancellationToken cancellationToken) =>
        Accepted(await retry.RunAsync(caller.Actor, id, new RetryOrder(body?.FailedServersOnly ?? false, body?.OverrideFreeze ?? false), Trigger.Api, cancellationToken));

    private static async Task<Accepted<DeploymentAnswer>> RollBackAsync(long id, RollBackBody? body, Caller caller, RollBackDeployment rollBack, CancellationToken cancellationToken) =>
        Accepted(await rollBack.RunAsync(caller.Actor, id, body?.OverrideFreeze ?? false, cancellationToken));

    private static Accepted<DeploymentAnswer> Accepted(DeploymentTicket ticket)
    {
        var url = $"/api/v1/deployments/{ticket.Id.ToString(CultureInfo.InvariantCulture)}";
        return TypedResults.Accepted(url, new DeploymentAnswer(ticket.Id, ticket.Status, url));
    }

    private static DeploymentStatus? StatusOf(string? word)
    {
        if (string.IsNullOrEmpty(word))
        {
            return null;
        }

        var known = Enum.GetValues<DeploymentStatus>();
        var found = Array.FindIndex(known, s => string.Equals(Json.Word(s), word, StringComparison.Ordinal));
        return found >= 0 ? known[found] : throw new InvalidInput("status", $"Use one of {string.Join(", ", known.Select(Json.Word))}.");
    }
}

/// <summary>What who asked for a deployment gets at once.</summary>
/// <param name="Id">The deployment's number.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Url">Where to read it.</param>
public sealed record DeploymentAnswer(long Id, DeploymentStatus Status, string Url);

/// <summary>How to retry.</summary>
public sealed record RetryBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "failedServersOnly": true, "overrideFreeze": false }
        """;

    /// <summary>Leaves out the servers on which the deployment succeeded.</summary>
    public bool FailedServersOnly { get; init; }

    /// <summary>Passes over a freeze; for those who may.</summary>
    public bool OverrideFreeze { get; init; }
}

/// <summary>How to go back.</summary>
public sealed record RollBackBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "overrideFreeze": false }
        """;

    /// <summary>Passes over a freeze; for those who may.</summary>
    public bool OverrideFreeze { get; init; }
}

/// <summary>A word about a deployment that waits for approval.</summary>
public sealed record DecisionBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "comment": "Tested on staging" }
        """;

    /// <summary>Why, for the people who read the history.</summary>
    public string? Comment { get; init; }
}

/// <summary>A word to a deployment that waits for it.</summary>
public sealed record ContinueBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "server": "app-2", "action": "retry" }
        """;

    /// <summary>The failed server it is about.</summary>
    public string? Server { get; init; }

    /// <summary>What to do; to continue when left out.</summary>
    public ContinueAction Action { get; init; } = ContinueAction.Continue;
}
