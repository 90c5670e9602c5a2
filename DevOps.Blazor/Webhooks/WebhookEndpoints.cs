using System.Text.Json.Serialization;
using DevOps.Blazor.Api;
using DevOps.Blazor.Hosting;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Webhooks;

namespace DevOps.Blazor.Webhooks;

/// <summary>The door for webhooks. Nobody signs in here: the delivery's signature says who it is.</summary>
public static class WebhookEndpoints
{
    private static readonly Dictionary<string, WebhookProvider> Providers = Enum.GetValues<WebhookProvider>().ToDictionary(Json.Word, StringComparer.Ordinal);

    /// <summary>Maps <c>POST /webhooks/{provider}/{projectKey}</c>.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder app) => app.MapPost("/webhooks/{provider}/{projectKey}", ReceiveAsync).WithTags("Webhooks").WithName("ReceiveWebhook")
        .WithSummary("A push, told by github, gitlab, gitea (also Forgejo and Gogs), gitee, bitbucket or generic.")
        .AllowAnonymous().DisableAntiforgery()
        .Produces<DeliveryAnswer>(StatusCodes.Status202Accepted).Produces<DeliveryAnswer>(StatusCodes.Status200OK)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status429TooManyRequests);

    /// <summary>The answer to a delivery that was dealt with.</summary>
    internal static IResult Answer(DeliveryReceipt receipt) => receipt.Kind switch
    {
        ReceiptKind.Accepted => TypedResults.Json(new DeliveryAnswer(receipt.Deployments, null), statusCode: StatusCodes.Status202Accepted),
        ReceiptKind.Ignored => TypedResults.Ok(new DeliveryAnswer(receipt.Deployments.Count > 0 ? receipt.Deployments : null, receipt.Why.ToString())),
        ReceiptKind.Unreadable => Problems.Of(StatusCodes.Status400BadRequest, receipt.Why.ToString()),
        ReceiptKind.WrongType => Problems.Of(StatusCodes.Status415UnsupportedMediaType, receipt.Why.ToString()),
        _ => Problems.Of(StatusCodes.Status401Unauthorized, receipt.Why.ToString()),
    };

    private static async Task<IResult> ReceiveAsync(string provider, string projectKey, HttpContext context, WebhookLimits limits, ReceiveDelivery receive)
    {
        if (!Providers.TryGetValue(provider, out var who))
        {
            return Problems.Of(StatusCodes.Status404NotFound, $"There is no such sender. Use one of {string.Join(", ", Providers.Keys)}.");
        }

        var sender = new WebhookLimits.Sender(context.Address(), projectKey);
        if (!limits.MayCome(sender))
        {
            return TooMany(context);
        }

        using var body = new RawBody(limits);
        switch (await body.ReadAsync(context))
        {
            case StatusCodes.Status413PayloadTooLarge:
                return Problems.Of(StatusCodes.Status413PayloadTooLarge, $"A delivery has {RawBody.Max / 1024 / 1024} MB at most.");
            case StatusCodes.Status429TooManyRequests:
                return TooMany(context);
        }

        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var receipt = await receive.RunAsync(new ReceivedDelivery(who, projectKey, new WebhookHeaders(headers), context.Request.ContentType, body.Bytes, sender.Address), context.RequestAborted);
        if (receipt.Kind == ReceiptKind.Rejected)
        {
            limits.Rejected(sender);
        }

        return Answer(receipt);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult TooMany(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "60";
        return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many deliveries from this address to this project. Wait as long as Retry-After says.");
    }
}

/// <summary>What a sender of webhooks is told.</summary>
/// <param name="Deployments">Numbers of the deployments the delivery led to.</param>
/// <param name="Ignored">Why it led to none now.</param>
public sealed record DeliveryAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<long>? Deployments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Ignored);
