using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>Who the caller is.</summary>
public static class MeEndpoints
{
    /// <summary>Maps <c>GET /me</c>.</summary>
    public static void MapMe(this IEndpointRouteBuilder group) => group.MapGet("/me", GetAsync).WithTags("Access").WithName("GetMe");

    private static async Task<Ok<Me>> GetAsync(Caller caller, UserQueries users, CancellationToken cancellationToken)
    {
        var user = await users.OwnAsync(caller.Actor, cancellationToken);
        return TypedResults.Ok(new Me(user.Username, user.DisplayName, user.Role == Role.None ? [] : [user.Role], [.. PermissionTable.Of(user.Role).Where(p => ScopeTable.Has(caller.Actor.Scope, p))]));
    }
}

/// <summary>The caller.</summary>
/// <param name="Username">User name.</param>
/// <param name="DisplayName">Name for people.</param>
/// <param name="Roles">Roles for the whole platform.</param>
/// <param name="Permissions">What these roles, and the scope of a personal token, allow everywhere.</param>
public sealed record Me(string Username, string DisplayName, IReadOnlyList<Role> Roles, IReadOnlyList<Permission> Permissions);
