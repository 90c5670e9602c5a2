using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Webhooks;

/// <summary>The webhook secret of a project and what came through its door, over HTTP.</summary>
public static class DeliveryEndpoints
{
    /// <summary>Maps <c>/projects/{key}/webhook-secret</c> and <c>/projects/{key}/deliveries</c>.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder group)
    {
        var project = group.MapGroup("/projects/{key}").WithTags("Webhooks").ProducesProblem(StatusCodes.Status404NotFound);
        project.MapPost("/webhook-secret", MakeSecretAsync).WithName("CreateWebhookSecret")
            .WithSummary("Makes a new secret, shown in this answer only. The one before is accepted for another hour.");
        project.MapGet("/deliveries", ListAsync).WithName("ListDeliveries").ProducesProblem(StatusCodes.Status400BadRequest);
        project.MapGet("/deliveries/{id:long}", GetAsync).WithName("GetDelivery");
        project.MapPost("/deliveries/{id:long}/redeliver", RepeatAsync).WithName("RepeatDelivery")
            .WithSummary("Deals with a kept delivery once more, by the triggers of today.")
            .Produces<DeliveryAnswer>(StatusCodes.Status202Accepted).Produces<DeliveryAnswer>().ProducesProblem(StatusCodes.Status409Conflict);
        project.MapPost("/deliveries/try", TryAsync).WithName("TryTriggers").WithExample(TryBody.Example)
            .WithSummary("Says what the given triggers would make of the last deliveries. Nothing is deployed.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<Created<WebhookSecretAnswer>> MakeSecretAsync(string key, Caller caller, CreateWebhookSecret create, CancellationToken cancellationToken)
    {
        var made = await create.RunAsync(caller.Actor, key, cancellationToken);
        return TypedResults.Created($"/api/v1/projects/{key}", new WebhookSecretAnswer(made.Value.Reveal(), made.PreviousUntil));
    }

    private static async Task<Ok<Listing<DeliveryView>>> ListAsync(string key, Caller caller, DeliveryQueries deliveries, int? page, int? pageSize, CancellationToken cancellationToken) =>
        TypedResults.Ok(await deliveries.ListAsync(caller.Actor, key, PageRequest.Of(page, pageSize), cancellationToken));

    private static async Task<Ok<DeliveryDetailAnswer>> GetAsync(string key, long id, Caller caller, DeliveryQueries deliveries, CancellationToken cancellationToken) =>
        TypedResults.Ok(DeliveryDetailAnswer.Of(await deliveries.GetAsync(caller.Actor, key, id, cancellationToken)));

    private static async Task<IResult> RepeatAsync(string key, long id, Caller caller, RepeatDelivery repeat, CancellationToken cancellationToken) =>
        WebhookEndpoints.Answer(await repeat.RunAsync(caller.Actor, key, id, cancellationToken));

    private static async Task<Ok<TriedAnswer>> TryAsync(string key, TryBody body, Caller caller, TryTriggers attempt, CancellationToken cancellationToken) =>
        TypedResults.Ok(new TriedAnswer(await attempt.RunAsync(caller.Actor, key, body.Triggers, cancellationToken)));
}

/// <summary>A secret that was made.</summary>
/// <param name="Secret">The secret. It is not shown again.</param>
/// <param name="PreviousAcceptedUntil">Until when the one before is accepted; null when there was none.</param>
public sealed record WebhookSecretAnswer(string Secret, DateTimeOffset? PreviousAcceptedUntil);

/// <summary>The doors for the webhooks of a project.</summary>
/// <param name="Urls">Their addresses, by sender.</param>
/// <param name="SecretSet">Whether there is a secret; without one nothing is let in.</param>
public sealed record WebhookAnswer(IReadOnlyDictionary<string, string>? Urls = null, bool SecretSet = false);

/// <summary>Triggers to be tried.</summary>
public sealed record TryBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "triggers": { "branches": ["main", "release/*"], "tags": ["v*"], "paths": ["src/**"], "skipMarkers": ["[skip deploy]"] } }
        """;

    /// <summary>The triggers.</summary>
    public required TriggerSpec Triggers { get; init; }
}

/// <summary>What triggers would make of the last deliveries.</summary>
/// <param name="Items">The deliveries, newest first.</param>
public sealed record TriedAnswer(IReadOnlyList<TriedDelivery> Items);

/// <summary>A delivery with all that is kept of it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ReceivedAt">When it came; of rejected ones the minute.</param>
/// <param name="Provider">Who sent it.</param>
/// <param name="Event">The event, in the sender's word.</param>
/// <param name="Ref">Branch or tag.</param>
/// <param name="Commit">Hash of the newest commit.</param>
/// <param name="Sender">Who pushed.</param>
/// <param name="Outcome">What was decided.</param>
/// <param name="Verdict">Why, in words.</param>
/// <param name="Deployments">Deployments it led to.</param>
/// <param name="Times">How often it came.</param>
/// <param name="RepeatOf">The delivery that was sent again here, if this is a repetition.</param>
/// <param name="SenderId">What the sender calls it.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="Headers">Its headers, secretive values hidden.</param>
/// <param name="Body">Its body, secrets hidden; null when it was too long to be kept.</param>
/// <param name="BodyBytes">Length of its body, in bytes.</param>
public sealed record DeliveryDetailAnswer(
    long Id, DateTimeOffset ReceivedAt, WebhookProvider Provider, string Event, string? Ref, string? Commit, string? Sender, DeliveryOutcome Outcome, Sentence Verdict,
    IReadOnlyList<long> Deployments, int Times, long? RepeatOf, string? SenderId, string? Address, IReadOnlyDictionary<string, string> Headers, string? Body, int BodyBytes)
{
    internal static DeliveryDetailAnswer Of(DeliveryDetail detail)
    {
        var d = detail.Delivery;
        return new(
            d.Id, d.ReceivedAt, d.Provider, d.Event, d.Ref, d.Commit, d.Sender, d.Outcome, d.Verdict, d.Deployments, d.Times, d.RepeatOf,
            detail.SenderId, detail.Address, detail.Headers, detail.Body, detail.BodyBytes);
    }
}
