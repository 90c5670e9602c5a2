using DevOps.Core.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>How an attempt to sign in ended.</summary>
/// <param name="Account">Who signed in; null when nobody did.</param>
/// <param name="LockedUntil">When the next attempt is allowed, if attempts are stopped now.</param>
public sealed record SignInAnswer(Account? Account, DateTimeOffset? LockedUntil)
{
    /// <summary>Who showed a right password and owes a code; null when nobody does.</summary>
    public PendingSignIn? Pending { get; init; }
}

/// <summary>Checks name and password; where the account has a second factor, <see cref="SecondStep"/> follows. An unknown name, a wrong password and a disabled account get the same answer in the same time.</summary>
public sealed class SignIn(
    IDbContextFactory<DevOpsDbContext> contexts,
    IPasswordHasher<Account> hasher,
    ILookupNormalizer normalizer,
    SignInThrottle throttle,
    IOptions<AccessOptions> options,
    AuditTrail audit,
    TimeProvider time)
{
    private const int MaxNameLength = 256;
    private readonly Lazy<string> _nobodysHash = new(() => hasher.HashPassword(new Account(), Guid.NewGuid().ToString()));

    /// <summary>Tries to sign in.</summary>
    /// <param name="name">User name as typed.</param>
    /// <param name="password">Password as typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<SignInAnswer> RunAsync(string name, string password, string address, CancellationToken cancellationToken)
    {
        if (throttle.AddressWaitsUntil(address) is { } wait)
        {
            return new SignInAnswer(null, wait);
        }

        if (name.Length > MaxNameLength || password.Length > PasswordRules.MaxLength)
        {
            throttle.AddressFailed(address);
            return new SignInAnswer(null, null);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = normalizer.NormalizeName(name.Trim());
        var account = await db.Users.SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken);
        return account is null
            ? await RefuseUnknownAsync(db, key, password, address, cancellationToken)
            : await CheckAsync(db, account, password, address, cancellationToken);
    }

    private async Task<SignInAnswer> RefuseUnknownAsync(DevOpsDbContext db, string key, string password, string address, CancellationToken cancellationToken)
    {
        if (throttle.NameWaitsUntil(key) is { } until)
        {
            return new SignInAnswer(null, until);
        }

        hasher.VerifyHashedPassword(new Account(), _nobodysHash.Value, password);
        throttle.AddressFailed(address);
        throttle.NameFailed(key);
        audit.AddRefused(db, Nobody(address), "session.refuse", "user/?", "Refused a sign-in with a name that no account bears.");
        await db.SaveChangesAsync(cancellationToken);
        return new SignInAnswer(null, throttle.NameWaitsUntil(key));
    }

    private async Task<SignInAnswer> CheckAsync(DevOpsDbContext db, Account account, string password, string address, CancellationToken cancellationToken)
    {
        if (!await TakeAttemptAsync(db, account.Id, cancellationToken))
        {
            throttle.AddressFailed(address);
            return new SignInAnswer(null, await LockedUntilAsync(db, account.Id, cancellationToken) ?? time.GetUtcNow() + options.Value.Lock);
        }

        var result = hasher.VerifyHashedPassword(account, account.PasswordHash ?? _nobodysHash.Value, password);
        var subject = $"user/{account.UserName}";
        if (result == PasswordVerificationResult.Failed || account.PasswordHash is null || account.Disabled)
        {
            throttle.AddressFailed(address);
            audit.AddRefused(db, Nobody(address), "session.refuse", subject, account.Disabled ? "Refused a sign-in: the account is disabled." : "Refused a sign-in: wrong password.");
            await db.SaveChangesAsync(cancellationToken);
            return new SignInAnswer(null, await LockedUntilAsync(db, account.Id, cancellationToken));
        }

        await AcceptAsync(db, account, result, password, cancellationToken);
        if (account.TwoFactorEnabled)
        {
            await db.SaveChangesAsync(cancellationToken);
            return new SignInAnswer(null, null) { Pending = new PendingSignIn(account.Id, account.SecurityStamp ?? "") };
        }

        audit.Add(db, ActorReader.Of(account, address), "session.create", subject, "Signed in.");
        await db.SaveChangesAsync(cancellationToken);
        return new SignInAnswer(account, null);
    }

    // The attempt is counted before the password is looked at, in one statement: a hundred attempts at once are still a hundred.
    private async Task<bool> TakeAttemptAsync(DevOpsDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? until = now + options.Value.Lock;
        var limit = options.Value.FailuresPerAccount;
        return await db.Users.Where(a => a.Id == id && (a.LockoutEnd == null || a.LockoutEnd <= now)).ExecuteUpdateAsync(
            set => set
                .SetProperty(a => a.LockoutEnd, a => (a.LockoutEnd == null ? a.AccessFailedCount + 1 : 1) >= limit ? until : null)
                .SetProperty(a => a.AccessFailedCount, a => a.LockoutEnd == null ? a.AccessFailedCount + 1 : 1),
            cancellationToken) == 1;
    }

    private Task<int> AcceptAsync(DevOpsDbContext db, Account account, PasswordVerificationResult result, string password, CancellationToken cancellationToken)
    {
        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            account.PasswordHash = hasher.HashPassword(account, password);
        }

        var seen = account.TwoFactorEnabled ? account.LastSignInAt : time.GetUtcNow();
        return db.Users.Where(a => a.Id == account.Id).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.AccessFailedCount, 0).SetProperty(a => a.LockoutEnd, (DateTimeOffset?)null).SetProperty(a => a.LastSignInAt, seen),
            cancellationToken);
    }

    private async Task<DateTimeOffset?> LockedUntilAsync(DevOpsDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var end = await db.Users.Where(a => a.Id == id).Select(a => a.LockoutEnd).SingleOrDefaultAsync(cancellationToken);
        return end > time.GetUtcNow() ? end : null;
    }

    internal static Actor Nobody(string address) => new("anonymous", Role.None, new Dictionary<long, Role>(), address);
}
