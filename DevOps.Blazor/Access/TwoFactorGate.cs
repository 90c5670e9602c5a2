using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authorization;

namespace DevOps.Blazor.Access;

/// <summary>Leads who owes a second factor to the page that sets it up, whatever page was asked for.</summary>
public static class TwoFactorGate
{
    /// <summary>Adds the gate. Comes after authorization.</summary>
    public static IApplicationBuilder UseTwoFactorGate(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (IsGuarded(context) && await context.RequestServices.GetRequiredService<ActorReader>().ReadAsync(context.User, context.RequestAborted) is { OwesSecondFactor: true })
        {
            context.Response.Redirect(AppUrls.TwoFactor);
            return;
        }

        await next(context);
    });

    private static bool IsGuarded(HttpContext context) =>
        context.User.Identity?.IsAuthenticated == true
        && AppUrls.IsPage(context.Request.Path)
        && !context.Request.Path.Equals(AppUrls.TwoFactor, StringComparison.OrdinalIgnoreCase)
        && !context.Request.Path.Equals(AppUrls.SignOut, StringComparison.OrdinalIgnoreCase)
        && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null;
}
