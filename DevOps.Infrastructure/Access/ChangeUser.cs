using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Replaces a user's profile, roles and state; sets a new password when one is given.</summary>
public sealed class ChangeUser(
    IDbContextFactory<DevOpsDbContext> contexts, IPasswordHasher<Account> hasher, ILookupNormalizer normalizer, AuditTrail audit, ActorReader actors)
{
    /// <summary>Changes the user named in the draft.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="draft">The user as it shall be.</param>
    /// <param name="expectedTag">The <see cref="UserView.Tag"/> the change is based on; null: whatever is there.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such user.</exception>
    /// <exception cref="InvalidInput">A field cannot be accepted.</exception>
    /// <exception cref="Conflict"><c>lastAdministrator</c>.</exception>
    /// <exception cref="Stale">Someone else changed the user first.</exception>
    public async Task RunAsync(Actor actor, UserDraft draft, string? expectedTag, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        var faults = new Faults();
        draft.Check(faults);
        faults.ThrowIfAny();

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LastAdministrator.LockAsync(db, cancellationToken);
        var key = normalizer.NormalizeName(draft.Username);
        var account = await db.Users.Include(a => a.Projects).SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken)
            ?? throw new NotFound($"User {draft.Username}");
        if (expectedTag is not null && !string.Equals(expectedTag, account.ConcurrencyStamp, StringComparison.Ordinal))
        {
            throw new Stale($"User {draft.Username}");
        }

        if (draft.Disabled || draft.Role != Role.Admin)
        {
            await LastAdministrator.GuardAsync(db, account, cancellationToken);
        }

        await ApplyAsync(db, account, draft, cancellationToken);
        audit.Add(db, actor, "user.change", $"user/{account.UserName}", $"Now {Json.Word(account.Role)}{CreateUser.Described(draft)}{(draft.Password is null ? "" : ", with a new password")}.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        actors.Forget(account.Id);
    }

    private async Task ApplyAsync(DevOpsDbContext db, Account account, UserDraft draft, CancellationToken cancellationToken)
    {
        if (draft.Password is not null || (draft.Disabled && !account.Disabled))
        {
            account.SecurityStamp = Stamps.New();
        }

        if (draft.Password is not null)
        {
            account.PasswordHash = hasher.HashPassword(account, draft.Password);
            account.AccessFailedCount = 0;
            account.LockoutEnd = null;
        }

        if (draft.Password is not null || draft.Disabled)
        {
            PasswordLink.Close(account);
        }

        account.DisplayName = draft.ShownName;
        account.Email = draft.Email.Length == 0 ? null : draft.Email;
        account.NormalizedEmail = account.Email is null ? null : normalizer.NormalizeEmail(account.Email);
        account.Role = draft.Role;
        account.Disabled = draft.Disabled;
        account.ConcurrencyStamp = Stamps.New();
        var members = await draft.MembersAsync(db, account.Id, cancellationToken);
        account.Projects.RemoveAll(old => members.TrueForAll(m => m.ProjectId != old.ProjectId));
        foreach (var member in members)
        {
            var old = account.Projects.Find(m => m.ProjectId == member.ProjectId);
            if (old is null)
            {
                account.Projects.Add(member);
            }
            else
            {
                old.Role = member.Role;
            }
        }
    }
}
