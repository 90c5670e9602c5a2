using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;

namespace DevOps.Infrastructure.Access;

/// <summary>Asks a signed-in person to prove once more who sits there, before something that an open session alone must not do.</summary>
public sealed class OwnProof(IPasswordHasher<Account> hasher, SecondFactor factor, SignInThrottle throttle)
{
    /// <summary>Demands the password; from an account without one, a code of its second factor.</summary>
    /// <exception cref="InvalidInput">It is wrong (named by <paramref name="field"/>).</exception>
    /// <exception cref="Forbidden">Too many wrong ones; wait.</exception>
    internal async Task DemandAsync(DevOpsDbContext db, Account account, string proof, string field, CancellationToken cancellationToken)
    {
        if (account.PasswordHash is not null || !account.TwoFactorEnabled)
        {
            DemandPassword(account, proof, field);
        }
        else if (await factor.CheckAsync(db, account, proof, cancellationToken) is var verdict and (CodeVerdict.Wrong or CodeVerdict.Locked))
        {
            throw verdict == CodeVerdict.Locked ? TooMany() : new InvalidInput(field, "This code is wrong or was used already.");
        }
    }

    /// <summary>Demands the password.</summary>
    /// <exception cref="InvalidInput">It is wrong (named by <paramref name="field"/>).</exception>
    /// <exception cref="Forbidden">Too many wrong ones; wait.</exception>
    internal void DemandPassword(Account account, string password, string field)
    {
        // A stolen session must not become a place to guess the password without end.
        var counter = $"password/{account.UserName}";
        if (throttle.NameWaitsUntil(counter) is not null)
        {
            throw TooMany();
        }

        if (password.Length > PasswordRules.MaxLength
            || account.PasswordHash is null
            || hasher.VerifyHashedPassword(account, account.PasswordHash, password) == PasswordVerificationResult.Failed)
        {
            throttle.NameFailed(counter);
            throw new InvalidInput(field, "This is not your present password.");
        }
    }

    private static Forbidden TooMany() => new("Too many wrong passwords. Wait a few minutes and try again.");
}
