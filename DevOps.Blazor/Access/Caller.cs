using System.Security.Claims;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>Who calls an endpoint. Take it as a parameter of the endpoint and hand its actor to the verb.</summary>
/// <param name="Actor">The account as it is now.</param>
public sealed record Caller(Actor Actor)
{
    /// <summary>Reads the caller from the request. Endpoints that take one need authorization, so there always is one.</summary>
    public static async ValueTask<Caller?> BindAsync(HttpContext context) =>
        await context.RequestServices.GetRequiredService<ActorReader>().ReadAsync(context.User, context.RequestAborted) is { } actor
            ? actor.OwesSecondFactor ? throw new Core.Refusals.Forbidden("Your role needs two-factor sign-in. Sign in on the pages and set it up; everything opens right after.") : new Caller(actor)
            : throw new SignedOut();
}

/// <summary>The session or token ended while the request was on its way (HTTP 401).</summary>
public sealed class SignedOut() : Core.Refusals.Refusal("The session has ended. Sign in again.");
