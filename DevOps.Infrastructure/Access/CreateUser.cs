using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Creates a user with a password, or invites one to choose it.</summary>
public sealed class CreateUser(
    IDbContextFactory<DevOpsDbContext> contexts, IPasswordHasher<Account> hasher, ILookupNormalizer normalizer, AuditTrail audit, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Creates the user.</summary>
    /// <returns>The link to hand on when the draft holds no password; null otherwise.</returns>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="InvalidInput">A field cannot be accepted.</exception>
    /// <exception cref="Conflict"><c>exists</c>: the name is taken.</exception>
    public async Task<PasswordLink?> RunAsync(Actor actor, UserDraft draft, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        var faults = new Faults();
        draft.Check(faults);
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = Make(draft);
        if (await db.Users.AnyAsync(a => a.NormalizedUserName == account.NormalizedUserName, cancellationToken))
        {
            throw new Conflict("exists", $"There is already a user {draft.Username}. Choose another name.");
        }

        account.Projects = await draft.MembersAsync(db, account.Id, cancellationToken);
        var link = draft.Password is null ? PasswordLink.Open(account, time.GetUtcNow()) : null;
        db.Users.Add(account);
        audit.Add(db, actor, "user.create", $"user/{account.UserName}", $"{(link is null ? "Created" : "Invited")} with the role {Json.Word(account.Role)}{Described(draft)}.");
        await db.SaveChangesAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Account, 0));
        return link;
    }

    internal Account Make(UserDraft draft)
    {
        var account = new Account
        {
            Id = Guid.CreateVersion7(),
            UserName = draft.Username,
            NormalizedUserName = normalizer.NormalizeName(draft.Username),
            DisplayName = draft.ShownName,
            Email = draft.Email.Length == 0 ? null : draft.Email,
            NormalizedEmail = draft.Email.Length == 0 ? null : normalizer.NormalizeEmail(draft.Email),
            Role = draft.Role,
            Disabled = draft.Disabled,
            CreatedAt = time.GetUtcNow(),
            LockoutEnabled = true,
            SecurityStamp = Stamps.New(),
            ConcurrencyStamp = Stamps.New(),
        };
        account.PasswordHash = draft.Password is null ? null : hasher.HashPassword(account, draft.Password);
        return account;
    }

    internal static string Described(UserDraft draft) =>
        (draft.Projects.Count == 0 ? "" : ", in projects " + string.Join(", ", draft.Projects.Select(p => $"{p.Project}: {Json.Word(p.Role)}")))
        + (draft.Disabled ? ", disabled" : "");
}
