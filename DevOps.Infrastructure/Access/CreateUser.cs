using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Creates a user with a password.</summary>
public sealed class CreateUser(
    IDbContextFactory<DevOpsDbContext> contexts, IPasswordHasher<Account> hasher, ILookupNormalizer normalizer, AuditTrail audit, TimeProvider time)
{
    /// <summary>Creates the user.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="InvalidInput">A field cannot be accepted.</exception>
    /// <exception cref="Conflict"><c>exists</c>: the name is taken.</exception>
    public async Task RunAsync(Actor actor, UserDraft draft, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        var faults = new Faults();
        draft.Check(faults);
        faults.When(draft.Password is null, "password", "Give the new user a password.");
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var account = Make(draft);
        if (await db.Users.AnyAsync(a => a.NormalizedUserName == account.NormalizedUserName, cancellationToken))
        {
            throw new Conflict("exists", $"There is already a user {draft.Username}. Choose another name.");
        }

        account.Projects = await draft.MembersAsync(db, account.Id, cancellationToken);
        db.Users.Add(account);
        audit.Add(db, actor, "user.create", $"user/{account.UserName}", $"Created with the role {Json.Word(account.Role)}{Described(draft)}.");
        await db.SaveChangesAsync(cancellationToken);
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
        account.PasswordHash = hasher.HashPassword(account, draft.Password!);
        return account;
    }

    internal static string Described(UserDraft draft) =>
        (draft.Projects.Count == 0 ? "" : ", in projects " + string.Join(", ", draft.Projects.Select(p => $"{p.Project}: {Json.Word(p.Role)}")))
        + (draft.Disabled ? ", disabled" : "");
}
