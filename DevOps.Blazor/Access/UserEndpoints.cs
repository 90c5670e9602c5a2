using System.Text.Json.Serialization;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>Users, for administrators.</summary>
public static class UserEndpoints
{
    /// <summary>Maps <c>/users</c>.</summary>
    public static void MapUsers(this IEndpointRouteBuilder group)
    {
        var users = group.MapGroup("/users").WithTags("Access");
        users.MapGet("/", ListAsync).WithName("ListUsers").ProducesProblem(StatusCodes.Status400BadRequest);
        users.MapPost("/", CreateAsync).WithName("CreateUser").WithExample(UserBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        users.MapGet("/{username}", GetAsync).WithName("GetUser").ProducesProblem(StatusCodes.Status404NotFound);
        users.MapPut("/{username}", ChangeAsync).WithName("ChangeUser").WithExample(UserBody.Example)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        users.MapDelete("/{username}", DeleteAsync).WithName("DeleteUser")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        users.MapDelete("/{username}/forge-role", DetachAsync).WithName("DetachForgeRole").WithSummary("Takes a user's role out of a forge's hands; it stays as it is.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<Listing<UserAnswer>>> ListAsync(Caller caller, UserQueries users, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var list = await users.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), null, cancellationToken);
        return TypedResults.Ok(new Listing<UserAnswer>([.. list.Items.Select(UserAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<UserAnswer>> GetAsync(string username, Caller caller, UserQueries users, HttpResponse response, CancellationToken cancellationToken)
    {
        var user = await users.GetAsync(caller.Actor, username, cancellationToken);
        response.SendTag(user.Tag);
        return TypedResults.Ok(UserAnswer.Of(user));
    }

    private static async Task<Created<UserAnswer>> CreateAsync(
        UserBody body, Caller caller, CreateUser create, UserQueries users, HttpContext context, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.UserEdit);
        var draft = body.Draft(body.Username ?? throw new InvalidInput("username", "This field is required."));
        var link = await create.RunAsync(caller.Actor, draft, cancellationToken);
        var user = await users.GetAsync(caller.Actor, draft.Username, cancellationToken);
        context.Response.SendTag(user.Tag);
        var answer = UserAnswer.Of(user) with { InvitationUrl = link is null ? null : PasswordLinkEndpoints.Address(context.Request, link) };
        return TypedResults.Created($"/api/v1/users/{user.Username}", answer);
    }

    private static async Task<Ok<UserAnswer>> ChangeAsync(
        string username, UserBody body, Caller caller, IfMatch ifMatch, ChangeUser change, UserQueries users, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.UserEdit);
        if (body.Username is not null && !string.Equals(body.Username, username, StringComparison.Ordinal))
        {
            throw new InvalidInput("username", "A user name cannot be changed. Leave it out or give the one in the address.");
        }

        if (body.Role is null)
        {
            throw new InvalidInput("role", "This field is required: PUT replaces the whole user.");
        }

        await change.RunAsync(caller.Actor, body.Draft(username), ifMatch.Tag, cancellationToken);
        var user = await users.GetAsync(caller.Actor, username, cancellationToken);
        response.SendTag(user.Tag);
        return TypedResults.Ok(UserAnswer.Of(user));
    }

    private static async Task<NoContent> DeleteAsync(string username, Caller caller, IfMatch ifMatch, DeleteUser delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, username, ifMatch.Tag, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> DetachAsync(string username, Caller caller, DetachForgeRole detach, CancellationToken cancellationToken)
    {
        await detach.RunAsync(caller.Actor, username, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <summary>A user as an administrator sends it.</summary>
/// <param name="Username">User name; needed to create.</param>
/// <param name="DisplayName">Name for people; the user name when left out.</param>
/// <param name="Email">Mail address.</param>
/// <param name="Role">Role for the whole platform. Left out at creation: <c>viewer</c>, or <c>none</c> when roles in projects are given.</param>
/// <param name="Projects">Roles in single projects.</param>
/// <param name="Disabled">True when the person may not sign in.</param>
/// <param name="Password">Left out at creation: the answer holds a link with which the person chooses one. Sets a new one on change.</param>
public sealed record UserBody(
    string? Username = null, string? DisplayName = null, string? Email = null, Role? Role = null,
    IReadOnlyList<ProjectRole>? Projects = null, bool Disabled = false, string? Password = null)
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "username": "lin", "displayName": "Lin", "email": "lin@example.com", "role": "viewer", "projects": [{ "project": "shop", "role": "deployer" }], "disabled": false }
        """;

    internal UserDraft Draft(string username) => new()
    {
        Username = username,
        DisplayName = DisplayName ?? "",
        Email = Email ?? "",
        Role = Role ?? (Projects is { Count: > 0 } ? Core.Access.Role.None : Core.Access.Role.Viewer),
        Projects = Projects ?? [],
        Disabled = Disabled,
        Password = Password,
    };
}

/// <summary>A user.</summary>
/// <param name="Username">User name.</param>
/// <param name="DisplayName">Name for people.</param>
/// <param name="Email">Mail address, or empty.</param>
/// <param name="Role">Role for the whole platform.</param>
/// <param name="Projects">Roles in single projects.</param>
/// <param name="Disabled">True when the person may not sign in.</param>
public sealed record UserAnswer(string Username, string DisplayName, string Email, Role Role, IReadOnlyList<ProjectRole> Projects, bool Disabled)
{
    /// <summary>The link with which an invited person chooses a password: in the answer that created the user, never again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InvitationUrl { get; init; }

    internal static UserAnswer Of(UserView user) => new(user.Username, user.DisplayName, user.Email, user.Role, user.Projects, user.Disabled);
}
