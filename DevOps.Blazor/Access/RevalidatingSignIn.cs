using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace DevOps.Blazor.Access;

/// <summary>Looks every half minute whether who sits before an open page may still be there.</summary>
public class RevalidatingSignIn(ILoggerFactory loggers, ActorReader actors) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    /// <inheritdoc/>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        authenticationState.User.Identity?.IsAuthenticated != true || await actors.ReadAsync(authenticationState.User, cancellationToken) is not null;
}
