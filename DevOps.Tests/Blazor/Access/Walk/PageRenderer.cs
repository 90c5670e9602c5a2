using DevOps.Blazor;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Draws a page as a circuit of a user first draws it, without a browser: routing, authorization and the page's own reads are the real ones.</summary>
internal static class PageRenderer
{
    /// <summary>The page's HTML once everything it waits for is there; nothing when the page only leads to another.</summary>
    public static async Task<string> RenderAsync(ApiFixture app, string user, string path)
    {
        await using var db = await app.Contexts.CreateDbContextAsync();
        var account = await db.Users.AsNoTracking().SingleAsync(a => a.UserName == user);
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var navigation = services.GetRequiredService<NavigationManager>();
        ((IHostEnvironmentNavigationManager)navigation).Initialize($"{app.Address}/", $"{app.Address}{path}");
        var signedIn = Task.FromResult(new AuthenticationState(AccountClaims.Principal(account, "test")));
        ((IHostEnvironmentAuthenticationStateProvider)services.GetRequiredService<AuthenticationStateProvider>()).SetAuthenticationState(signedIn);
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        try
        {
            return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Routes>()).ToHtmlString());
        }
        catch (NavigationException)
        {
            return "";
        }
    }
}
