using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Audit;

namespace DevOps.Blazor.Api;

/// <summary>Brings what callers of the API were refused into the audit log, wherever in a verb or query it was refused.</summary>
internal static class RefusedCalls
{
    public static async Task NoteAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Forbidden refusal)
        {
            var services = context.RequestServices;
            if (await services.GetRequiredService<ActorReader>().ReadAsync(context.User, CancellationToken.None) is { } actor)
            {
                await services.GetRequiredService<RefusedAttempts>().NoteAsync(actor, $"{context.Request.Method} {context.Request.Path}", refusal);
            }

            throw;
        }
    }
}
