using DevOps.Core.Access;

namespace DevOps.Infrastructure.Access;

/// <summary>A link that lets one person choose a password: an invitation, or a way back for who forgot it.
/// It works once, for <see cref="Lifetime"/>, until the next one is made; only its hash is stored.</summary>
/// <param name="Token">The secret part of the address. Shown to who made it, never again.</param>
/// <param name="Until">When it ends (UTC).</param>
public sealed record PasswordLink(string Token, DateTimeOffset Until)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    internal static PasswordLink Open(Account account, DateTimeOffset now)
    {
        var link = new PasswordLink(OneTimeToken.New(), now + Lifetime);
        account.LinkHash = OneTimeToken.Hash(link.Token);
        account.LinkUntil = link.Until;
        return link;
    }

    internal static void Close(Account account)
    {
        account.LinkHash = null;
        account.LinkUntil = null;
    }
}
