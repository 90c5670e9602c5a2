using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Whose link it is.</summary>
/// <param name="Username">User name.</param>
/// <param name="IsInvitation">True when the person never had a password.</param>
public sealed record PasswordLinkView(string Username, bool IsInvitation);

/// <summary>Chooses a password by the link an administrator made. Looking at the link does not use it up.</summary>
public sealed class UsePasswordLink(IDbContextFactory<DevOpsDbContext> contexts, IPasswordHasher<Account> hasher, AuditTrail audit, ActorReader actors, TimeProvider time)
{
    /// <summary>Whose link it is; null when it is wrong, used, replaced, too old, or of a disabled account.</summary>
    public async Task<PasswordLinkView?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindAsync(db, token, cancellationToken) is { } account ? new PasswordLinkView(account.UserName!, account.PasswordHash is null) : null;
    }

    /// <summary>Sets the password, uses the link up, ends every session and lifts a lock. A second factor stays what it is.</summary>
    /// <exception cref="NotFound">The link is not good (any more).</exception>
    /// <exception cref="InvalidInput">The password cannot be accepted (<c>password</c>); the link stays good.</exception>
    public async Task RunAsync(string? token, string password, string? address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await FindAsync(db, token, cancellationToken) ?? throw new NotFound("The link");
        var faults = new Faults();
        PasswordRules.Check(password, account.UserName, "password", faults);
        faults.ThrowIfAny();
        account.PasswordHash = hasher.HashPassword(account, password);
        account.SecurityStamp = Stamps.New();
        account.ConcurrencyStamp = Stamps.New();
        account.AccessFailedCount = 0;
        account.LockoutEnd = null;
        PasswordLink.Close(account);
        audit.Add(db, ActorReader.Of(account, address), "user.password", $"user/{account.UserName}", "Chose a password by the link; every session ended.");
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Someone else used or replaced it at the same moment.
            throw new NotFound("The link");
        }

        actors.Forget(account.Id);
    }

    private async Task<Account?> FindAsync(DevOpsDbContext db, string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var hash = OneTimeToken.Hash(token);
        var now = time.GetUtcNow();
        return await db.Users.Include(a => a.Projects).SingleOrDefaultAsync(a => a.LinkHash == hash && a.LinkUntil > now && !a.Disabled, cancellationToken);
    }
}
