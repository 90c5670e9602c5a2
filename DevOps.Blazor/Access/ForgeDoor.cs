using System.Security.Claims;
using DevOps.Blazor.Hosting;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;

namespace DevOps.Blazor.Access;

/// <summary>What happens when somebody comes back from a forge: sign in, or link the account that asked for it.</summary>
public sealed class ForgeDoor(Forges forges, SignInByForge signIn, LinkForge link, ActorReader actors, CodeCookie code, ILogger<ForgeDoor> log) : OAuthEvents
{
    /// <summary>Names the account that asks to be linked, in the sealed state that goes to the forge and back.</summary>
    internal const string LinkItem = "link";

    /// <inheritdoc/>
    public override async Task CreatingTicket(OAuthCreatingTicketContext context)
    {
        var (forge, options) = forges.Items.Single(i => string.Equals(i.Forge.Name, context.Scheme.Name, StringComparison.Ordinal));
        context.HttpContext.Items[typeof(ForgeIdentity)] =
            await new ForgeReader(forge, forge.BaseUrl(options), context.Backchannel, context.AccessToken!).ReadAsync(context.HttpContext.RequestAborted);
    }

    /// <inheritdoc/>
    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var identity = (ForgeIdentity)context.HttpContext.Items[typeof(ForgeIdentity)]!;
        context.HandleResponse();
        context.Response.Redirect(context.Properties!.Items.TryGetValue(LinkItem, out var account)
            ? await LinkAsync(context.HttpContext, identity, account!)
            : await SignInAsync(context.HttpContext, identity, ReturnUrl.Local(context.ReturnUri)));
    }

    /// <inheritdoc/>
    public override Task AccessDenied(AccessDeniedContext context)
    {
        context.HandleResponse();
        return RefuseAsync(context.HttpContext, context.Scheme.Name, "denied", "the person or the forge said no");
    }

    /// <inheritdoc/>
    public override Task RemoteFailure(RemoteFailureContext context)
    {
        context.HandleResponse();
        log.LogWarning(context.Failure, "Signing in through {Forge} failed", context.Scheme.Name);
        return context.Failure is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException
            ? RefuseAsync(context.HttpContext, context.Scheme.Name, "away", "the forge did not answer as it should")
            : RefuseAsync(context.HttpContext, context.Scheme.Name, "failed", "the answer does not belong to a sign-in that was begun in this browser, or the forge refused it");
    }

    private async Task<string> SignInAsync(HttpContext context, ForgeIdentity identity, string url)
    {
        var answer = await signIn.RunAsync(identity, forges.Of(identity.Provider), context.Address(), context.RequestAborted);
        if (answer.SignIn is { Account: { } account })
        {
            await context.SignInAsync(SignInSetup.Cookie, AccountClaims.Principal(account, SignInSetup.Cookie));
            return url;
        }

        if (answer.SignIn is { Pending: { } pending })
        {
            code.Write(context, new FirstStep(pending, Stay: false));
            return AppUrls.Code(url);
        }

        return AppUrls.SignInRefused(Infrastructure.Persistence.Json.Word(answer.Refusal!.Value));
    }

    private async Task<string> LinkAsync(HttpContext context, ForgeIdentity identity, string account)
    {
        // Whoever sits here now must be who asked; otherwise a stranger's forge would become a door to this account.
        var session = await context.AuthenticateAsync(SignInSetup.Cookie);
        if (session.Principal is not { } principal || await actors.ReadAsync(principal, context.RequestAborted) is not { } actor
            || !string.Equals(principal.FindFirstValue(AccountClaims.Id), account, StringComparison.Ordinal))
        {
            return AppUrls.SignInRefused("failed");
        }

        try
        {
            await link.RunAsync(actor, identity, context.RequestAborted);
            return $"{AppUrls.Account}?done=linked";
        }
        catch (Conflict)
        {
            return $"{AppUrls.Account}?done=linkedElsewhere";
        }
    }

    private async Task RefuseAsync(HttpContext context, string provider, string word, string why)
    {
        await signIn.NoteFailureAsync(provider, why, context.Address(), context.RequestAborted);
        context.Response.Redirect(AppUrls.SignInRefused(word));
    }
}
