using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A link with a forge.</summary>
/// <param name="Provider">Which forge.</param>
/// <param name="Login">The name there at the last sign-in.</param>
public sealed record ForgeLink(string Provider, string Login);

/// <summary>Reads one's own links with forges.</summary>
public sealed class ForgeLinkQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>The actor's links.</summary>
    public async Task<IReadOnlyList<ForgeLink>> OwnAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.UserLogins
            .Where(l => db.Users.Any(a => a.Id == l.UserId && a.UserName == actor.Name))
            .OrderBy(l => l.LoginProvider).Select(l => new ForgeLink(l.LoginProvider, l.ProviderDisplayName ?? "")).ToListAsync(cancellationToken);
    }
}
