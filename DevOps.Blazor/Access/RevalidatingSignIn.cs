using System.Security.Claims;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace DevOps.Blazor.Access;

/// <summary>Looks whether who sits before an open page may still be there: at once when the account was changed, and every half minute.</summary>
public class RevalidatingSignIn : RevalidatingServerAuthenticationStateProvider
{
    private readonly ActorReader _actors;
    private readonly LastUses _uses;
    private readonly ILogger _log;
    private readonly IDisposable _subscription;
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Starts to look.</summary>
    public RevalidatingSignIn(ILoggerFactory loggers, ActorReader actors, LastUses uses, OpenCircuit circuit)
        : base(loggers)
    {
        _actors = actors;
        _uses = uses;
        _log = loggers.CreateLogger<RevalidatingSignIn>();
        _subscription = actors.Changes.Subscribe(change =>
        {
            if (circuit.IsOpen)
            {
                _ = LookAsync(change.Account);
            }
        });
    }

    /// <inheritdoc/>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (authenticationState.User.Identity?.IsAuthenticated != true)
        {
            return true;
        }

        var actor = await _actors.ReadAsync(authenticationState.User, cancellationToken);
        if (actor is { Session: { } session, Address: { } address })
        {
            // Who only looks at an open page is seen too.
            _uses.Session(session, address);
        }

        // Who owes a second factor signs in anew, and is led to it.
        return actor is { OwesSecondFactor: false };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _subscription.Dispose();
        _gone.Cancel();
        base.Dispose(disposing);
    }

    private async Task LookAsync(Guid? account)
    {
        try
        {
            var state = await GetAuthenticationStateAsync();
            if (Concerns(state.User, account) && !await ValidateAuthenticationStateAsync(state, _gone.Token))
            {
                SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
            }
        }
        catch (Exception exception) when (!_gone.IsCancellationRequested)
        {
            _log.LogWarning("An open page was not looked at ({Reason}); the next round tries again", exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    private static bool Concerns(ClaimsPrincipal user, Guid? account) =>
        account is null || string.Equals(user.FindFirstValue(AccountClaims.Id), account.ToString(), StringComparison.Ordinal);
}
