using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Credentials;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Credentials;

/// <summary>Credentials over HTTP. A value goes in and never comes back.</summary>
public static class CredentialEndpoints
{
    /// <summary>Maps <c>/credentials</c>.</summary>
    public static void MapCredentials(this IEndpointRouteBuilder group)
    {
        var credentials = group.MapGroup("/credentials").WithTags("Credentials");
        credentials.MapGet("/", ListAsync).WithName("ListCredentials").ProducesProblem(StatusCodes.Status400BadRequest);
        credentials.MapPost("/", AddAsync).WithName("AddCredential").WithExample(CredentialBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        credentials.MapGet("/{name}", GetAsync).WithName("GetCredential").ProducesProblem(StatusCodes.Status404NotFound);
        credentials.MapDelete("/{name}", DeleteAsync).WithName("DeleteCredential")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<Listing<CredentialAnswer>>> ListAsync(Caller caller, CredentialQueries credentials, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var list = await credentials.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), cancellationToken);
        return TypedResults.Ok(new Listing<CredentialAnswer>([.. list.Items.Select(CredentialAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<CredentialAnswer>> GetAsync(string name, Caller caller, CredentialQueries credentials, CancellationToken cancellationToken) =>
        TypedResults.Ok(CredentialAnswer.Of(await credentials.GetAsync(caller.Actor, name, cancellationToken)));

    private static async Task<Created<CredentialAnswer>> AddAsync(
        CredentialBody body, Caller caller, AddCredential add, CredentialQueries credentials, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.CredentialEdit);
        var faults = new Faults();
        faults.When(body.Name is null, "name", "This field is required.");
        faults.When(body.Kind is null, "kind", "This field is required: sshKey, password or token.");
        faults.ThrowIfAny();
        var draft = new CredentialDraft
        {
            Name = body.Name!,
            Kind = body.Kind!.Value,
            Value = body.Value is { } value ? new Sensitive(value) : null,
            Generate = body.Generate,
        };
        await add.RunAsync(caller.Actor, draft, cancellationToken);
        return TypedResults.Created($"/api/v1/credentials/{draft.Name}", CredentialAnswer.Of(await credentials.GetAsync(caller.Actor, draft.Name, cancellationToken)));
    }

    private static async Task<NoContent> DeleteAsync(string name, Caller caller, DeleteCredential delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, name, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <summary>A credential as a client sends it.</summary>
public sealed record CredentialBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "name": "deploy-key", "kind": "sshKey", "generate": true }
        """;

    /// <summary>Slug.</summary>
    public string? Name { get; init; }

    /// <summary>What the value is.</summary>
    public CredentialKind? Kind { get; init; }

    /// <summary>The private key, password or token.</summary>
    public string? Value { get; init; }

    /// <summary>Whether the platform makes a key; the answer holds its public half.</summary>
    public bool Generate { get; init; }

    /// <summary>Prints without the value.</summary>
    public override string ToString() => $"credential {Name} ({Kind})";
}

/// <summary>A credential without its value.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="PublicKey">For keys: a line for <c>authorized_keys</c>.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="UsedBy">What uses it.</param>
public sealed record CredentialAnswer(string Name, CredentialKind Kind, string? PublicKey, DateTimeOffset CreatedAt, IReadOnlyList<string> UsedBy)
{
    internal static CredentialAnswer Of(CredentialView view) => new(view.Name, view.Kind, view.PublicKey, view.CreatedAt, view.UsedBy);
}
