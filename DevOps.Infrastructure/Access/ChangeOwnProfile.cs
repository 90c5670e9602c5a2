using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Changes one's own name and mail address.</summary>
public sealed class ChangeOwnProfile(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer, AuditTrail audit)
{
    /// <summary>Changes the actor's profile.</summary>
    /// <exception cref="InvalidInput">A field cannot be accepted.</exception>
    /// <exception cref="NotFound">The account is gone.</exception>
    public async Task RunAsync(Actor actor, string displayName, string email, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        var faults = new Faults();
        UserDraft.CheckProfile(displayName, email, faults);
        faults.ThrowIfAny();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        account.DisplayName = displayName.Trim().Length == 0 ? account.UserName! : displayName.Trim();
        account.Email = email.Length == 0 ? null : email;
        account.NormalizedEmail = account.Email is null ? null : normalizer.NormalizeEmail(account.Email);
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.profile", $"user/{account.UserName}", "Changed the own profile.");
        await db.SaveChangesAsync(cancellationToken);
    }
}
