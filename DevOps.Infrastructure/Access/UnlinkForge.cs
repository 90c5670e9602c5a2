using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Unties one's own account from a forge.</summary>
public sealed class UnlinkForge(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit)
{
    /// <summary>Unties it. Without a link nothing happens.</summary>
    /// <exception cref="Conflict"><c>lastDoor</c>: nothing would be left to sign in with; <c>roleFrom</c>: the forge gives the account its role.</exception>
    public async Task RunAsync(Actor actor, string provider, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        var logins = await db.UserLogins.Where(l => l.UserId == account.Id).ToListAsync(cancellationToken);
        if (logins.Find(l => string.Equals(l.LoginProvider, provider, StringComparison.Ordinal)) is not { } login)
        {
            return;
        }

        if (account.TakesRoleFrom(provider))
        {
            throw new Conflict("roleFrom", $"Your role comes from {provider}, so the link stays. An administrator can change that.");
        }

        if (account.PasswordHash is null && logins.Count == 1)
        {
            throw new Conflict("lastDoor", $"Nothing would be left to sign in with. Ask an administrator for a link to choose a password first.");
        }

        db.UserLogins.Remove(login);
        audit.Add(db, actor, "user.unlink", $"user/{account.UserName}", $"Unlinked from {login.ProviderDisplayName} at {provider}.");
        await db.SaveChangesAsync(cancellationToken);
    }
}
