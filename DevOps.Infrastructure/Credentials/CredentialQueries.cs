using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Credentials;

/// <summary>A credential without its value.</summary>
/// <param name="Id">Row id.</param>
/// <param name="Name">Slug.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="PublicKey">For keys: a line for <c>authorized_keys</c>.</param>
/// <param name="CreatedAt">When it was stored (UTC).</param>
/// <param name="UsedBy">What uses it: <c>project/shop</c>, <c>server/app-1</c>.</param>
public sealed record CredentialView(long Id, string Name, CredentialKind Kind, string? PublicKey, DateTimeOffset CreatedAt, IReadOnlyList<string> UsedBy);

/// <summary>Reads which credentials there are.</summary>
public sealed class CredentialQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>One page, newest first.</summary>
    public async Task<Listing<CredentialView>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.CredentialRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var total = await db.Credentials.LongCountAsync(cancellationToken);
        var rows = await db.Credentials.AsNoTracking().OrderByDescending(c => c.Id).Skip(page.Skip).Take(page.PageSize)
            .Select(c => new { c.Id, c.Name, c.Kind, c.PublicKey, c.CreatedAt }).ToListAsync(cancellationToken);
        var uses = await CredentialUse.ReadAsync(db, cancellationToken);
        return new([.. rows.Select(c => new CredentialView(c.Id, c.Name, c.Kind, c.PublicKey, c.CreatedAt, [.. uses[c.Name]]))], page.Page, page.PageSize, total);
    }

    /// <summary>One credential.</summary>
    /// <exception cref="NotFound">There is no such credential.</exception>
    public async Task<CredentialView> GetAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.CredentialRead);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await db.Credentials.AsNoTracking().Where(c => c.Name == name)
            .Select(c => new { c.Id, c.Name, c.Kind, c.PublicKey, c.CreatedAt }).SingleOrDefaultAsync(cancellationToken) ?? throw new NotFound("The credential");
        var uses = await CredentialUse.ReadAsync(db, cancellationToken);
        return new CredentialView(row.Id, row.Name, row.Kind, row.PublicKey, row.CreatedAt, [.. uses[row.Name]]);
    }
}
