using DevOps.Blazor.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;

namespace DevOps.Blazor.Access;

/// <summary>Signing out of this browser.</summary>
public static class SignOutEndpoint
{
    /// <summary>Maps <c>POST /logout</c>.</summary>
    public static void MapSignOut(this IEndpointRouteBuilder app) => app.MapPost(AppUrls.SignOut, async (HttpContext context, IAntiforgery antiforgery) =>
    {
        // Otherwise any site could sign people out.
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.BadRequest();
        }

        await context.SignOutAsync(SignInSetup.Cookie);
        return Results.LocalRedirect(AppUrls.SignIn);
    }).ExcludeFromDescription();
}
