using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Access;

/// <summary>Links with which a user chooses a password, for administrators.</summary>
public static class PasswordLinkEndpoints
{
    /// <summary>Maps <c>/users/{username}/invitation</c>.</summary>
    public static void MapPasswordLinks(this IEndpointRouteBuilder group) => group.MapPost("/users/{username}/invitation", CreateAsync)
        .WithTags("Access").WithName("CreateInvitation")
        .WithSummary("Makes a one-time link with which the user chooses a password; the one before is void.")
        .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>The whole address of a link, as the caller reached the platform.</summary>
    internal static string Address(HttpRequest request, PasswordLink link) => $"{request.Scheme}://{request.Host}{AppUrls.Invitation(link.Token)}";

    private static async Task<Created<InvitationAnswer>> CreateAsync(
        string username, Caller caller, MakePasswordLink make, HttpRequest request, CancellationToken cancellationToken)
    {
        var link = await make.RunAsync(caller.Actor, username, cancellationToken);
        return TypedResults.Created($"/api/v1/users/{username}", new InvitationAnswer(Address(request, link), link.Until));
    }
}

/// <summary>A link, shown once.</summary>
/// <param name="InvitationUrl">Hand it to the person; it works once.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record InvitationAnswer(string InvitationUrl, DateTimeOffset ExpiresAt);
