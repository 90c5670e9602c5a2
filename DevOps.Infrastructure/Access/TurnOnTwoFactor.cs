using System.Security.Cryptography;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A secret that was offered and is not kept yet.</summary>
/// <param name="Key">The secret.</param>
/// <param name="Ticket">The same, sealed for the form that confirms it.</param>
public sealed record TwoFactorOffer(byte[] Key, string Ticket);

/// <summary>A second factor that is on.</summary>
/// <param name="Account">The account with its new security stamp.</param>
/// <param name="RecoveryCodes">To be shown once.</param>
public sealed record TwoFactorOn(Account Account, IReadOnlyList<string> RecoveryCodes);

/// <summary>Turns on one's own second factor. The secret is kept when a code of it was typed, so that nobody locks himself out with an app that never took it.</summary>
public sealed class TurnOnTwoFactor(
    IDbContextFactory<DevOpsDbContext> contexts, IDataProtectionProvider protection, SecondFactor factor, AuditTrail audit, ActorReader actors, TimeProvider time)
{
    private static readonly TimeSpan OfferLifetime = TimeSpan.FromMinutes(30);

    /// <summary>Offers a new secret.</summary>
    public TwoFactorOffer Offer(Actor actor)
    {
        var key = Totp.NewKey();
        return new TwoFactorOffer(key, Seal(actor).Protect(Convert.ToBase64String(key), OfferLifetime));
    }

    /// <summary>The offer behind a ticket; null when it is too old or somebody else's.</summary>
    public TwoFactorOffer? Reopen(Actor actor, string? ticket)
    {
        try
        {
            return string.IsNullOrEmpty(ticket) ? null : new TwoFactorOffer(Convert.FromBase64String(Seal(actor).Unprotect(ticket)), ticket);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Keeps the offered secret; every other session ends.</summary>
    /// <exception cref="InvalidInput">The code is not one of this secret (<c>code</c>).</exception>
    /// <exception cref="Conflict"><c>twoFactorOn</c>: it is on already.</exception>
    public async Task<TwoFactorOn> RunAsync(Actor actor, TwoFactorOffer offer, string code, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        var step = Totp.Match(offer.Key, code.Replace(" ", "", StringComparison.Ordinal), time.GetUtcNow())
            ?? throw new InvalidInput("code", "This is not the code the app shows now. Wait for the next one, and check that the clock of the phone is right.");
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await OwnAccount.FindAsync(db, actor, cancellationToken);
        if (account.TwoFactorEnabled)
        {
            throw new Conflict("twoFactorOn", "Two-factor sign-in is on already. Turn it off first to use another app.");
        }

        factor.Store(account, offer.Key, step);
        var codes = RecoveryCodes.Renew(account);
        account.SecurityStamp = Stamps.New();
        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.twoFactorOn", $"user/{account.UserName}", "Turned on two-factor sign-in; every other session ended.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        actors.Forget(account.Id);
        return new TwoFactorOn(account, codes);
    }

    private ITimeLimitedDataProtector Seal(Actor actor) => protection.CreateProtector("two-factor-offer", actor.Name).ToTimeLimitedDataProtector();
}
