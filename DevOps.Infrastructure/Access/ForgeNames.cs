using System.Globalization;
using System.Text.RegularExpressions;
using DevOps.Core;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Names for accounts that a forge brings.</summary>
internal static partial class ForgeNames
{
    private const int MaxLength = 36;
    private const int MaxShown = 100;

    /// <summary>A user name like the one at the forge that nobody bears here.</summary>
    public static async Task<string> FreeAsync(DevOpsDbContext db, string login, CancellationToken cancellationToken)
    {
        var slug = Others().Replace(login.ToLowerInvariant(), "-").Trim('-');
        slug = slug.Length == 0 || !char.IsAsciiLetterLower(slug[0]) ? "u-" + slug : slug;
        slug = (slug.Length > MaxLength ? slug[..MaxLength] : slug).TrimEnd('-');
        var taken = await db.Users.Where(a => a.UserName!.StartsWith(slug)).Select(a => a.UserName!).ToHashSetAsync(cancellationToken);
        if (Slug.IsValid(slug) && !taken.Contains(slug) && slug is not ("platform" or "anonymous" or "new"))
        {
            return slug;
        }

        return Enumerable.Range(2, taken.Count + 1).Select(n => string.Create(CultureInfo.InvariantCulture, $"{slug}-{n}")).First(name => !taken.Contains(name));
    }

    /// <summary>What people read.</summary>
    public static string Shown(ForgeIdentity identity)
    {
        var name = string.Concat((identity.Name.Length == 0 ? identity.Login : identity.Name).Where(c => !char.IsControl(c)));
        return Excerpt.Of(name, MaxShown);
    }

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Others();
}
