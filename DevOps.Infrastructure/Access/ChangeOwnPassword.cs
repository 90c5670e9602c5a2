using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Changes one's own password and ends every session.</summary>
public sealed class ChangeOwnPassword(
    IDbContextFactory<DevOpsDbContext> contexts, IPasswordHasher<Account> hasher, OwnProof proof, AuditTrail audit, ActorReader actors)
{
    /// <summary>Changes the password; every session ends, the caller's too unless it is signed in again with the returned account.</summary>
    /// <exception cref="InvalidInput">The old password is wrong (<c>oldPassword</c>) or the new one cannot be accepted (<c>newPassword</c>).</exception>
    /// <exception cref="Forbidden">Too many wrong passwords; wait.</exception>
    public async Task<Account> RunAsync(Actor actor, string oldPassword, string newPassword, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        var faults = new Faults();
        PasswordRules.Check(newPassword, actor.Name, "newPassword", faults);
        faults.ThrowIfAny();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        proof.DemandPassword(account, oldPassword, "oldPassword");

        account.PasswordHash = hasher.HashPassword(account, newPassword);
        PasswordLink.Close(account);
        account.SecurityStamp = Stamps.New();
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.password", $"user/{account.UserName}", "Changed the own password; every session ended.");
        await db.SaveChangesAsync(cancellationToken);
        actors.Forget(account.Id);
        return account;
    }
}
