using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Turns off one's own second factor.</summary>
public sealed class TurnOffTwoFactor(IDbContextFactory<DevOpsDbContext> contexts, OwnProof proof, AuditTrail audit, ActorReader actors)
{
    /// <summary>Turns it off; every other session ends.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="password">The present password, or a code where the account has none.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <returns>The account with its new security stamp.</returns>
    /// <exception cref="InvalidInput">The password is wrong (<c>password</c>).</exception>
    /// <exception cref="Forbidden">Too many wrong passwords; wait.</exception>
    public async Task<Account> RunAsync(Actor actor, string password, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        await proof.DemandAsync(db, account, password, "password", cancellationToken);
        SecondFactor.Remove(account);
        account.SecurityStamp = Stamps.New();
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.twoFactorOff", $"user/{account.UserName}", "Turned off two-factor sign-in; every other session ended.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        actors.Forget(account.Id);
        return account;
    }
}
