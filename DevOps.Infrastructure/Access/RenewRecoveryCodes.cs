using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Gives the actor new recovery codes; those before are void.</summary>
public sealed class RenewRecoveryCodes(IDbContextFactory<DevOpsDbContext> contexts, OwnProof proof, AuditTrail audit)
{
    /// <summary>Makes the codes.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="password">The present password, or a code where the account has none.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <returns>The codes, to be shown once.</returns>
    /// <exception cref="InvalidInput">The password is wrong (<c>password</c>).</exception>
    /// <exception cref="Forbidden">Too many wrong passwords; wait.</exception>
    /// <exception cref="Conflict"><c>twoFactorOff</c>: there is no second factor.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(Actor actor, string password, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        await proof.DemandAsync(db, account, password, "password", cancellationToken);
        if (!account.TwoFactorEnabled)
        {
            throw new Conflict("twoFactorOff", "Two-factor sign-in is off. Turn it on first.");
        }

        var codes = RecoveryCodes.Renew(account);
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.recoveryCodes", $"user/{account.UserName}", "Made new recovery codes.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        return codes;
    }
}
