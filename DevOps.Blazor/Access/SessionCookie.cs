using DevOps.Blazor.Hosting;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace DevOps.Blazor.Access;

/// <summary>Binds every cookie to a session: made at the sign-in, looked up at each request, ended at the sign-out.</summary>
public sealed class SessionCookie(ActorReader actors, StartSession start, EndSessions end, LastUses uses) : CookieAuthenticationEvents
{
    /// <inheritdoc/>
    public override async Task SigningIn(CookieSigningInContext context)
    {
        var http = context.HttpContext;
        var before = await actors.ReadAsync(http.User, http.RequestAborted);
        await start.RunAsync(context.Principal!, before?.Session, http.Address(), http.Request.Headers.UserAgent.ToString(), http.RequestAborted);
    }

    /// <inheritdoc/>
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var http = context.HttpContext;
        AccountClaims.SetAddress(context.Principal!, http.Address());
        if (await actors.ReadAsync(context.Principal!, http.RequestAborted) is { Session: { } session })
        {
            uses.Session(session, http.Address());
            return;
        }

        context.RejectPrincipal();
        await http.SignOutAsync(SignInSetup.Cookie);
    }

    /// <inheritdoc/>
    public override async Task SigningOut(CookieSigningOutContext context)
    {
        var http = context.HttpContext;
        if (await actors.ReadAsync(http.User, http.RequestAborted) is not { Session: { } session } actor)
        {
            return;
        }

        try
        {
            await end.OneAsync(actor, session, http.RequestAborted);
        }
        catch (NotFound)
        {
            // Ended from elsewhere at the same moment.
        }
    }
}
