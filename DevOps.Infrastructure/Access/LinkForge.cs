using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Ties one's own account to a person at a forge, to sign in through it. Roles stay what they are.</summary>
public sealed class LinkForge(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit)
{
    /// <summary>Ties them.</summary>
    /// <exception cref="Conflict"><c>linked</c>: that person, or this account, is tied to another one already.</exception>
    public async Task RunAsync(Actor actor, ForgeIdentity identity, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        var logins = await db.UserLogins.AsNoTracking()
            .Where(l => l.LoginProvider == identity.Provider && (l.ProviderKey == identity.Id || l.UserId == account.Id)).ToListAsync(cancellationToken);
        if (logins.Exists(l => l.UserId == account.Id && string.Equals(l.ProviderKey, identity.Id, StringComparison.Ordinal)))
        {
            return;
        }

        if (logins.Count > 0)
        {
            throw new Conflict("linked", $"{identity.Login} or your account is linked with another one at {identity.Provider} already. Unlink that first.");
        }

        db.UserLogins.Add(new IdentityUserLogin<Guid> { LoginProvider = identity.Provider, ProviderKey = identity.Id, ProviderDisplayName = identity.Login, UserId = account.Id });
        audit.Add(db, actor, "user.link", $"user/{account.UserName}", $"Linked with {identity.Login} at {identity.Provider}.");
        await db.SaveAsync($"The link with {identity.Provider}", cancellationToken);
    }
}
