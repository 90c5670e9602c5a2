using DevOps.Core.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Somebody who has shown a right password (or came from a forge) and owes a code.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Stamp">Its security stamp at that moment; a changed one voids the first step.</param>
public sealed record PendingSignIn(Guid AccountId, string Stamp);

/// <summary>The second step of signing in: a code of the authenticator app, or a recovery code.</summary>
public sealed class SecondStep(IDbContextFactory<DevOpsDbContext> contexts, SecondFactor factor, SignInThrottle throttle, AuditTrail audit, TimeProvider time)
{
    /// <summary>Tries a code.</summary>
    /// <param name="pending">What the first step answered.</param>
    /// <param name="code">The code as typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<SignInAnswer> RunAsync(PendingSignIn pending, string code, string address, CancellationToken cancellationToken)
    {
        if (throttle.AddressWaitsUntil(address) is { } wait)
        {
            return new SignInAnswer(null, wait);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await db.Users.Include(a => a.Projects).SingleOrDefaultAsync(
            a => a.Id == pending.AccountId && a.SecurityStamp == pending.Stamp && a.TwoFactorEnabled && !a.Disabled, cancellationToken);
        if (account is null)
        {
            return new SignInAnswer(null, null);
        }

        var verdict = await factor.CheckAsync(db, account, code, cancellationToken);
        if (verdict is CodeVerdict.Wrong or CodeVerdict.Locked)
        {
            throttle.AddressFailed(address);
            return await RefuseAsync(db, account, verdict, address, cancellationToken);
        }

        DateTimeOffset? now = time.GetUtcNow();
        await db.Users.Where(a => a.Id == account.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.LastSignInAt, now), cancellationToken);
        var how = verdict == CodeVerdict.Recovery ? "Signed in with a recovery code." : "Signed in with two factors.";
        audit.Add(db, ActorReader.Of(account, address), "session.create", $"user/{account.UserName}", how);
        await db.SaveChangesAsync(cancellationToken);
        return new SignInAnswer(account, null);
    }

    private async Task<SignInAnswer> RefuseAsync(DevOpsDbContext db, Account account, CodeVerdict verdict, string address, CancellationToken cancellationToken)
    {
        if (verdict == CodeVerdict.Wrong)
        {
            audit.Add(db, SignIn.Nobody(address), "session.refuse", $"user/{account.UserName}", "Refused a sign-in: right password, wrong code.");
            await db.SaveChangesAsync(cancellationToken);
        }

        return new SignInAnswer(null, await factor.LockedUntilAsync(db, account.Id, cancellationToken));
    }
}
