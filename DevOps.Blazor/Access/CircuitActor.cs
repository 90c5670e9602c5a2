using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components.Authorization;

namespace DevOps.Blazor.Access;

/// <summary>Who looks at the page. Asked anew for every action, so that a lost role counts while the page is open.</summary>
public sealed class CircuitActor(AuthenticationStateProvider authentication, ActorReader actors)
{
    /// <summary>The actor of the page.</summary>
    /// <exception cref="SignedOut">Nobody is signed in, or the session has ended.</exception>
    public async Task<Actor> GetAsync() => await FindAsync() ?? throw new SignedOut();

    /// <summary>The actor of the page, or null when nobody is signed in.</summary>
    public async Task<Actor?> FindAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        return await actors.ReadAsync(state.User, CancellationToken.None);
    }
}
