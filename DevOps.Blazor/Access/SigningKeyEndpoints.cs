using DevOps.Core;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>The keys of access tokens, for administrators.</summary>
public static class SigningKeyEndpoints
{
    /// <summary>Maps <c>/signing-keys</c>.</summary>
    public static void MapSigningKeys(this IEndpointRouteBuilder group)
    {
        var keys = group.MapGroup("/signing-keys").WithTags("Access");
        keys.MapGet("/", ListAsync).WithName("ListSigningKeys").WithSummary("The keys that sign access tokens or did; never their bytes.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        keys.MapPost("/", RotateAsync).WithName("RotateSigningKey").WithSummary("Makes a new key for access tokens. Tokens that were signed before stay valid to their end.");
        keys.MapGet("/{kid}", GetAsync).WithName("GetSigningKey").WithSummary("One key.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<Listing<SigningKeyView>>> ListAsync(
        Caller caller, SigningKeyQueries keys, int? page, int? pageSize, CancellationToken cancellationToken) =>
        TypedResults.Ok(await keys.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), cancellationToken));

    private static async Task<Ok<SigningKeyView>> GetAsync(string kid, Caller caller, SigningKeyQueries keys, CancellationToken cancellationToken) =>
        TypedResults.Ok(await keys.GetAsync(caller.Actor, kid, cancellationToken));

    private static async Task<Created<SigningKeyView>> RotateAsync(
        Caller caller, RotateSigningKey rotate, SigningKeyQueries keys, CancellationToken cancellationToken)
    {
        var kid = await rotate.RunAsync(caller.Actor, cancellationToken);
        return TypedResults.Created($"/api/v1/signing-keys/{kid}", await keys.GetAsync(caller.Actor, kid, cancellationToken));
    }
}
