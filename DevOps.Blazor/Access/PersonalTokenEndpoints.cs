using System.Globalization;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>The caller's personal tokens.</summary>
public static class PersonalTokenEndpoints
{
    /// <summary>Maps <c>/me/tokens</c>.</summary>
    public static void MapPersonalTokens(this IEndpointRouteBuilder group)
    {
        var tokens = group.MapGroup("/me/tokens").WithTags("Access");
        tokens.MapGet("/", ListAsync).WithName("ListPersonalTokens").WithSummary("The caller's personal tokens, without their text.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        tokens.MapPost("/", CreateAsync).WithName("CreatePersonalToken").WithExample(PersonalTokenBody.Example).WithSummary("Makes a personal token. Its text is in this answer only.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        tokens.MapGet("/{id:long}", GetAsync).WithName("GetPersonalToken").WithSummary("One of the caller's personal tokens.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        tokens.MapDelete("/{id:long}", RevokeAsync).WithName("RevokePersonalToken").WithSummary("Revokes a personal token; it is refused from now on.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<Listing<PersonalTokenView>>> ListAsync(
        Caller caller, PersonalTokenQueries tokens, int? page, int? pageSize, CancellationToken cancellationToken) =>
        TypedResults.Ok(await tokens.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), cancellationToken));

    private static async Task<Ok<PersonalTokenView>> GetAsync(long id, Caller caller, PersonalTokenQueries tokens, CancellationToken cancellationToken) =>
        TypedResults.Ok(await tokens.GetAsync(caller.Actor, id, cancellationToken));

    private static async Task<Created<PersonalTokenAnswer>> CreateAsync(
        PersonalTokenBody body, Caller caller, CreatePersonalToken create, CancellationToken cancellationToken)
    {
        var made = await create.RunAsync(caller.Actor, body.Draft(), cancellationToken);
        var address = string.Create(CultureInfo.InvariantCulture, $"/api/v1/me/tokens/{made.View.Id}");
        return TypedResults.Created(address, PersonalTokenAnswer.Of(made));
    }

    private static async Task<NoContent> RevokeAsync(long id, Caller caller, RevokePersonalToken revoke, CancellationToken cancellationToken)
    {
        await revoke.RunAsync(caller.Actor, id, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <summary>A personal token as its owner wants it.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="ExpiresAt">When it ends; left out: as late as the platform allows.</param>
/// <param name="Scope"><c>read</c>: what the owner may read; <c>deploy</c>: also deploy, cancel, retry and roll back; <c>admin</c>: all the owner may do.</param>
public sealed record PersonalTokenBody(string? Name = null, DateTimeOffset? ExpiresAt = null, TokenScope? Scope = null)
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "name": "ci", "scope": "deploy", "expiresAt": "2030-01-31T12:00:00Z" }
        """;

    internal PersonalTokenDraft Draft()
    {
        var faults = new Faults();
        faults.When(Name is null, "name", "This field is required.");
        faults.When(Scope is null, "scope", "This field is required: read, deploy or admin.");
        faults.ThrowIfAny();
        return new PersonalTokenDraft { Name = Name!, Scope = Scope!.Value, ExpiresAt = ExpiresAt };
    }
}

/// <summary>A new personal token.</summary>
/// <param name="Id">Row id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scope">What it lets through.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; null: never.</param>
/// <param name="Token">Send it as <c>Authorization: Bearer</c>. It is never shown again.</param>
public sealed record PersonalTokenAnswer(long Id, string Name, TokenScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string Token)
{
    internal static PersonalTokenAnswer Of(NewPersonalToken made) =>
        new(made.View.Id, made.View.Name, made.View.Scope, made.View.CreatedAt, made.View.ExpiresAt, made.Text);
}
