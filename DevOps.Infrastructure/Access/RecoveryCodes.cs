using System.Security.Cryptography;
using System.Text;

namespace DevOps.Infrastructure.Access;

/// <summary>Codes for the day the phone is lost: each works once. Sixty random bits, so that their hash cannot be searched.</summary>
internal static class RecoveryCodes
{
    private const int Count = 10;
    private const int Groups = 3;
    private const int GroupLength = 4;

    // Without letters and digits that look alike.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Gives the account new codes; those before are void.</summary>
    /// <returns>The codes, to be shown once.</returns>
    public static IReadOnlyList<string> Renew(Account account)
    {
        var codes = Enumerable.Range(0, Count).Select(_ => string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Letters, GroupLength)))).ToList();
        account.RecoveryCodes = [.. codes.Select(c => Hash(account.Id, c))];
        return codes;
    }

    /// <summary>The hash of a code as typed; bound to the account.</summary>
    public static string Hash(Guid accountId, string code)
    {
        var plain = string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{accountId:N}/{plain}")));
    }
}
