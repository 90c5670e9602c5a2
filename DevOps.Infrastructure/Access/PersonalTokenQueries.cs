using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A personal token as its owner sees it.</summary>
/// <param name="Id">Row id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Scope">What it lets through.</param>
/// <param name="Hint">Its first characters.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; null: never.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null: never.</param>
/// <param name="LastUsedAddress">From where it was last used.</param>
public sealed record PersonalTokenView(
    long Id, string Name, TokenScope Scope, string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, string? LastUsedAddress)
{
    internal static PersonalTokenView Of(PersonalToken token) => new(
        token.Id, token.Name, token.Scope, token.Hint, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.LastUsedAddress);
}

/// <summary>Reads personal tokens for their owner.</summary>
public sealed class PersonalTokenQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>A page of the actor's tokens, newest first.</summary>
    public async Task<Listing<PersonalTokenView>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var own = Own(db, actor);
        var total = await own.LongCountAsync(cancellationToken);
        var rows = await own.OrderByDescending(t => t.Id).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new Listing<PersonalTokenView>([.. rows.Select(PersonalTokenView.Of)], page.Page, page.PageSize, total);
    }

    /// <summary>One of the actor's tokens.</summary>
    /// <exception cref="NotFound">The actor has no such token.</exception>
    public async Task<PersonalTokenView> GetAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var token = await Own(db, actor).SingleOrDefaultAsync(t => t.Id == id, cancellationToken) ?? throw new NotFound($"Personal token {id}");
        return PersonalTokenView.Of(token);
    }

    private static IQueryable<PersonalToken> Own(DevOpsDbContext db, Actor actor) =>
        db.PersonalTokens.AsNoTracking().Where(t => db.Users.Any(a => a.Id == t.AccountId && a.UserName == actor.Name));
}
