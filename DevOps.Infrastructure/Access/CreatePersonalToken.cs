using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>A new personal token; the only moment at which its text is known.</summary>
/// <param name="View">The token as it is listed.</param>
/// <param name="Text">What programs send.</param>
public sealed record NewPersonalToken(PersonalTokenView View, string Text);

/// <summary>Makes a personal token for who asks.</summary>
public sealed class CreatePersonalToken(
    IDbContextFactory<DevOpsDbContext> contexts, IOptions<AccessOptions> options, AuditTrail audit, ActorReader actors, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Makes the token.</summary>
    /// <exception cref="Forbidden">A personal token without the scope <c>admin</c> asks.</exception>
    /// <exception cref="InvalidInput">A field cannot be accepted.</exception>
    /// <exception cref="Conflict"><c>tooMany</c>: the account has as many as it may have.</exception>
    public async Task<NewPersonalToken> RunAsync(Actor actor, PersonalTokenDraft draft, CancellationToken cancellationToken)
    {
        actor.DemandWholeScope();
        var now = time.GetUtcNow();
        var latest = Latest(actor, now);
        var faults = new Faults();
        draft.Check(latest, now, faults);
        faults.ThrowIfAny();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await OwnAccount.LockAsync(db, actor, cancellationToken);
        var most = options.Value.TokensPerAccount;
        if (await db.PersonalTokens.CountAsync(t => t.AccountId == account.Id, cancellationToken) >= most)
        {
            throw new Conflict("tooMany", $"There can be {most} personal tokens for one account. Revoke one that is no longer used.");
        }

        var text = PersonalTokenText.New();
        var token = new PersonalToken
        {
            AccountId = account.Id,
            Name = draft.Name.Trim(),
            Scope = draft.Scope,
            Hash = PersonalTokenText.Hash(text),
            Hint = PersonalTokenText.Hint(text),
            CreatedAt = now,
            ExpiresAt = draft.ExpiresAt ?? latest,
        };
        db.PersonalTokens.Add(token);
        audit.Add(db, actor, "token.create", $"user/{account.UserName}", $"Made the personal token {token.Name} with the scope {Json.Word(token.Scope)}, {End(token)}.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        actors.Forget(account.Id);
        feed.Publish(new Change(ChangeKind.Account, token.Id));
        return new NewPersonalToken(PersonalTokenView.Of(token), text);
    }

    // A token that makes another one cannot live on in it.
    private DateTimeOffset? Latest(Actor actor, DateTimeOffset now)
    {
        var days = options.Value.PersonalTokenDays;
        DateTimeOffset? rule = days > 0 ? now + TimeSpan.FromDays(days) : null;
        return actor.Until < rule || rule is null ? actor.Until ?? rule : rule;
    }

    private static string End(PersonalToken token) => token.ExpiresAt is { } end ? $"good until {end.UtcDateTime:yyyy-MM-dd}" : "without an end";
}
