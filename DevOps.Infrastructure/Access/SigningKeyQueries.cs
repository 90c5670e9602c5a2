using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A key of access tokens as administrators see it; never its bytes.</summary>
/// <param name="Kid">Its name.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RetiredAt">Since when it signs no more; null for the one that signs now.</param>
/// <param name="VerifiesUntil">When the last token it signed is over; null while it signs.</param>
public sealed record SigningKeyView(string Kid, DateTimeOffset CreatedAt, DateTimeOffset? RetiredAt, DateTimeOffset? VerifiesUntil);

/// <summary>Reads which keys of access tokens there are.</summary>
public sealed class SigningKeyQueries(IDbContextFactory<DevOpsDbContext> contexts, SigningKeys keys)
{
    /// <summary>A page of keys, newest first.</summary>
    /// <exception cref="Forbidden">The actor may not change settings.</exception>
    public async Task<Listing<SigningKeyView>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var total = await db.SigningKeys.LongCountAsync(cancellationToken);
        var rows = await db.SigningKeys.AsNoTracking().OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Kid)
            .Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new Listing<SigningKeyView>(rows.ConvertAll(View), page.Page, page.PageSize, total);
    }

    /// <summary>One key.</summary>
    /// <exception cref="Forbidden">The actor may not change settings.</exception>
    /// <exception cref="NotFound">There is no such key.</exception>
    public async Task<SigningKeyView> GetAsync(Actor actor, string kid, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return View(await db.SigningKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Kid == kid, cancellationToken) ?? throw new NotFound($"Signing key {kid}"));
    }

    private SigningKeyView View(SigningKey key) => new(key.Kid, key.CreatedAt, key.RetiredAt, key.RetiredAt is { } at ? keys.End(at) : null);
}
