using System.Linq.Expressions;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A user as administrators see it.</summary>
/// <param name="Username">User name.</param>
/// <param name="DisplayName">Name for people.</param>
/// <param name="Email">Mail address, or empty.</param>
/// <param name="Role">Role for the whole platform.</param>
/// <param name="Projects">Roles in single projects.</param>
/// <param name="Disabled">True when the person may not sign in.</param>
/// <param name="Tag">Changes with every change of the user.</param>
public sealed record UserView(string Username, string DisplayName, string Email, Role Role, IReadOnlyList<ProjectRole> Projects, bool Disabled, string Tag)
{
    /// <summary>Whether a second factor is asked for.</summary>
    public bool TwoFactor { get; init; }

    /// <summary>How many recovery codes are left.</summary>
    public int RecoveryCodesLeft { get; init; }

    /// <summary>Whether the person has chosen a password.</summary>
    public bool HasPassword { get; init; }

    /// <summary>When the person last signed in (UTC).</summary>
    public DateTimeOffset? LastSignInAt { get; init; }

    /// <summary>When the open link to choose a password ends (UTC); null without one.</summary>
    public DateTimeOffset? LinkUntil { get; init; }

    /// <summary>The forge whose organisations give the role; null when administrators do.</summary>
    public string? RoleFrom { get; init; }
}

/// <summary>Reads users.</summary>
public sealed class UserQueries(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer)
{
    /// <summary>A page of users, newest first.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="page">Which page.</param>
    /// <param name="search">Part of user name, name or mail address, or null.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    public async Task<Listing<UserView>> ListAsync(Actor actor, PageRequest page, string? search, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var users = db.Users.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(search))
        {
            var part = $"%{search.Trim().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
            users = users.Where(a => EF.Functions.ILike(a.UserName!, part, @"\") || EF.Functions.ILike(a.DisplayName, part, @"\") || EF.Functions.ILike(a.Email ?? "", part, @"\"));
        }

        var total = await users.LongCountAsync(cancellationToken);
        var rows = await users.OrderByDescending(a => a.CreatedAt).ThenBy(a => a.UserName)
            .Skip(page.Skip).Take(page.PageSize).Select(View(db)).ToListAsync(cancellationToken);
        return new Listing<UserView>(rows, page.Page, page.PageSize, total);
    }

    /// <summary>One user.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such user.</exception>
    public async Task<UserView> GetAsync(Actor actor, string username, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        return await FindAsync(username, cancellationToken) ?? throw new NotFound($"User {username}");
    }

    /// <summary>Keys of all projects, to give roles in them.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    public async Task<IReadOnlyList<string>> ProjectKeysAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Projects.OrderBy(p => p.Key).Select(p => p.Key).ToListAsync(cancellationToken);
    }

    /// <summary>The actor's own profile.</summary>
    /// <exception cref="NotFound">The account is gone.</exception>
    public async Task<UserView> OwnAsync(Actor actor, CancellationToken cancellationToken) =>
        await FindAsync(actor.Name, cancellationToken) ?? throw new NotFound($"User {actor.Name}");

    private async Task<UserView?> FindAsync(string username, CancellationToken cancellationToken)
    {
        var key = normalizer.NormalizeName(username);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().Where(a => a.NormalizedUserName == key).Select(View(db)).SingleOrDefaultAsync(cancellationToken);
    }

    private static Expression<Func<Account, UserView>> View(DevOpsDbContext db) => a => new UserView(
        a.UserName!,
        a.DisplayName,
        a.Email ?? "",
        a.Role,
        a.Projects.Join(db.Projects, m => m.ProjectId, p => p.Id, (m, p) => new ProjectRole(p.Key, m.Role)).ToList(),
        a.Disabled,
        a.ConcurrencyStamp ?? "")
    {
        TwoFactor = a.TwoFactorEnabled,
        RecoveryCodesLeft = a.RecoveryCodes.Count,
        HasPassword = a.PasswordHash != null,
        LastSignInAt = a.LastSignInAt,
        LinkUntil = a.LinkUntil,
        RoleFrom = a.RoleFrom,
    };
}
