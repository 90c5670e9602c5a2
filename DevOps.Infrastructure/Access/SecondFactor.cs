using DevOps.Core.Access;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>How a code was judged.</summary>
internal enum CodeVerdict
{
    /// <summary>It is none, or was used before.</summary>
    Wrong,

    /// <summary>Too many wrong ones; it was not looked at.</summary>
    Locked,

    /// <summary>It is a code of the app, and now used.</summary>
    App,

    /// <summary>It is a recovery code, and now used.</summary>
    Recovery,
}

/// <summary>Keeps and checks second factors: codes of an authenticator app, each good once, and recovery codes. Wrong ones are counted and lock
/// as wrong passwords do, on a count of their own.</summary>
public sealed class SecondFactor(SecretVault vault, IOptions<AccessOptions> options, TimeProvider time)
{
    private const int MaxCode = 40;

    internal void Store(Account account, byte[] key, long usedStep)
    {
        account.AuthenticatorKey = vault.Seal(Purpose(account), new Sensitive(Convert.ToBase64String(key)));
        account.AuthenticatorStep = usedStep;
        account.TwoFactorEnabled = true;
        account.CodeFailures = 0;
        account.CodeLockedUntil = null;
    }

    internal static void Remove(Account account)
    {
        account.TwoFactorEnabled = false;
        account.AuthenticatorKey = null;
        account.RecoveryCodes = [];
        account.CodeFailures = 0;
        account.CodeLockedUntil = null;
    }

    /// <summary>Judges a code and uses it up. The attempt is counted first, in one statement, so that a hundred at once are still a hundred.</summary>
    internal async Task<CodeVerdict> CheckAsync(DevOpsDbContext db, Account account, string code, CancellationToken cancellationToken)
    {
        if (!await TakeAttemptAsync(db, account.Id, cancellationToken))
        {
            return CodeVerdict.Locked;
        }

        var verdict = code.Length > MaxCode ? CodeVerdict.Wrong
            : await UseAppCodeAsync(db, account, code, cancellationToken) ? CodeVerdict.App
            : await UseRecoveryCodeAsync(db, account.Id, code, cancellationToken) ? CodeVerdict.Recovery
            : CodeVerdict.Wrong;
        if (verdict != CodeVerdict.Wrong)
        {
            await db.Users.Where(a => a.Id == account.Id).ExecuteUpdateAsync(
                set => set.SetProperty(a => a.CodeFailures, 0).SetProperty(a => a.CodeLockedUntil, (DateTimeOffset?)null), cancellationToken);
        }

        return verdict;
    }

    /// <summary>Until when no code is looked at; null when one may be tried now.</summary>
    internal async Task<DateTimeOffset?> LockedUntilAsync(DevOpsDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var end = await db.Users.Where(a => a.Id == id).Select(a => a.CodeLockedUntil).SingleOrDefaultAsync(cancellationToken);
        return end > time.GetUtcNow() ? end : null;
    }

    private async Task<bool> TakeAttemptAsync(DevOpsDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? until = now + options.Value.Lock;
        var limit = options.Value.FailuresPerAccount;
        return await db.Users.Where(a => a.Id == id && a.TwoFactorEnabled && (a.CodeLockedUntil == null || a.CodeLockedUntil <= now)).ExecuteUpdateAsync(
            set => set
                .SetProperty(a => a.CodeLockedUntil, a => (a.CodeLockedUntil == null ? a.CodeFailures + 1 : 1) >= limit ? until : null)
                .SetProperty(a => a.CodeFailures, a => a.CodeLockedUntil == null ? a.CodeFailures + 1 : 1),
            cancellationToken) == 1;
    }

    private async Task<bool> UseAppCodeAsync(DevOpsDbContext db, Account account, string code, CancellationToken cancellationToken)
    {
        var key = Convert.FromBase64String(vault.Open(Purpose(account), account.AuthenticatorKey!).Reveal());
        return Totp.Match(key, code.Replace(" ", "", StringComparison.Ordinal), time.GetUtcNow()) is { } step
            && await db.Users.Where(a => a.Id == account.Id && a.AuthenticatorStep < step)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.AuthenticatorStep, step), cancellationToken) == 1;
    }

    private static async Task<bool> UseRecoveryCodeAsync(DevOpsDbContext db, Guid id, string code, CancellationToken cancellationToken)
    {
        var hash = RecoveryCodes.Hash(id, code);
        return await db.Database.ExecuteSqlAsync(
            $"UPDATE accounts SET recovery_codes = array_remove(recovery_codes, {hash}) WHERE id = {id} AND {hash} = ANY(recovery_codes)", cancellationToken) == 1;
    }

    private static string Purpose(Account account) => $"authenticator/{account.Id:N}";
}
