using DevOps.Core.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>How an attempt to come in from a forge ended.</summary>
/// <param name="SignIn">Who signed in, or who owes a code; null when refused.</param>
/// <param name="Refusal">Why not.</param>
public sealed record ForgeAnswer(SignInAnswer? SignIn, ForgeRefusal? Refusal);

/// <summary>Lets in who a forge vouches for. The forge's own number of the person finds the account, never a name or a mail address:
/// those can be changed to somebody else's.</summary>
public sealed class SignInByForge(IDbContextFactory<DevOpsDbContext> contexts, CreateUser users, AuditTrail audit, ActorReader actors, TimeProvider time)
{
    /// <summary>Lets the person in, makes the account of who gets a role, and sets the role anew where the forge gives it.</summary>
    /// <param name="identity">What the forge said.</param>
    /// <param name="options">The rules for this forge.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<ForgeAnswer> RunAsync(ForgeIdentity identity, ForgeOptions options, string address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LastAdministrator.LockAsync(db, cancellationToken);
        var role = options.Admits(identity.Organisations) ? options.RoleOf(identity.Organisations) : Role.None;
        var login = await db.UserLogins.SingleOrDefaultAsync(l => l.LoginProvider == identity.Provider && l.ProviderKey == identity.Id, cancellationToken);
        var account = login is null
            ? role == Role.None ? null : await MakeAsync(db, identity, role, address, cancellationToken)
            : await db.Users.Include(a => a.Projects).SingleAsync(a => a.Id == login.UserId, cancellationToken);
        login?.ProviderDisplayName = identity.Login;
        if (account?.TakesRoleFrom(identity.Provider) == true)
        {
            await TakeRoleAsync(db, account, role, address, cancellationToken);
        }

        var refusal = Judge(account, identity, options);
        Note(db, account, identity, refusal, address);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (account is not null)
        {
            actors.Forget(account.Id);
        }

        return refusal is null
            ? new ForgeAnswer(account!.TwoFactorEnabled ? new SignInAnswer(null, null) { Pending = new PendingSignIn(account.Id, account.SecurityStamp ?? "") } : new SignInAnswer(account, null), null)
            : new ForgeAnswer(null, refusal);
    }

    /// <summary>Notes that somebody came back from a forge with nothing.</summary>
    /// <param name="provider">Which forge.</param>
    /// <param name="why">What happened, without secrets.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task NoteFailureAsync(string provider, string why, string address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        audit.Add(db, SignIn.Nobody(address), "session.refuse", "user/?", $"Refused a sign-in through {provider}: {why}.");
        await db.SaveChangesAsync(cancellationToken);
    }

    private static ForgeRefusal? Judge(Account? account, ForgeIdentity identity, ForgeOptions options) =>
        !options.Admits(identity.Organisations) ? ForgeRefusal.NotAllowed
        : account is null || (account.TakesRoleFrom(identity.Provider) && account.Role == Role.None && account.Projects.Count == 0) ? ForgeRefusal.NoRole
        : account.Disabled ? ForgeRefusal.Disabled
        : null;

    private async Task<Account> MakeAsync(DevOpsDbContext db, ForgeIdentity identity, Role role, string address, CancellationToken cancellationToken)
    {
        var name = await ForgeNames.FreeAsync(db, identity.Login, cancellationToken);
        var account = users.Make(new UserDraft { Username = name, DisplayName = ForgeNames.Shown(identity), Role = role });
        account.RoleFrom = identity.Provider;
        db.Users.Add(account);
        db.UserLogins.Add(new IdentityUserLogin<Guid> { LoginProvider = identity.Provider, ProviderKey = identity.Id, ProviderDisplayName = identity.Login, UserId = account.Id });
        audit.Add(db, Actor.Platform with { Address = address }, "user.create", $"user/{name}", $"Created at the first sign-in through {identity.Provider} as {identity.Login}, with the role {Json.Word(role)}.");
        return account;
    }

    private async Task TakeRoleAsync(DevOpsDbContext db, Account account, Role role, string address, CancellationToken cancellationToken)
    {
        if (account.Role == role)
        {
            return;
        }

        // The platform keeps its last administrator, who is refused at the door below all the same.
        if (role != Role.Admin && await LastAdministrator.IsLastAsync(db, account, cancellationToken))
        {
            audit.Add(db, Actor.Platform with { Address = address }, "user.change", $"user/{account.UserName}", $"Kept the role of the last administrator, though {account.RoleFrom} gives {Json.Word(role)}.");
            return;
        }

        audit.Add(db, Actor.Platform with { Address = address }, "user.change", $"user/{account.UserName}", $"The organisations at {account.RoleFrom} give the role {Json.Word(role)} now; it was {Json.Word(account.Role)}.");
        account.Role = role;
        account.ConcurrencyStamp = Stamps.New();
    }

    private void Note(DevOpsDbContext db, Account? account, ForgeIdentity identity, ForgeRefusal? refusal, string address)
    {
        if (refusal is { } why)
        {
            audit.Add(db, SignIn.Nobody(address), "session.refuse", $"user/{account?.UserName ?? "?"}", $"Refused a sign-in through {identity.Provider} as {identity.Login}: {Json.Word(why)}.");
            if (account?.TakesRoleFrom(identity.Provider) == true)
            {
                // What was open ends too.
                account.SecurityStamp = Stamps.New();
            }
        }
        else if (!account!.TwoFactorEnabled)
        {
            account.LastSignInAt = time.GetUtcNow();
            audit.Add(db, ActorReader.Of(account, address), "session.create", $"user/{account.UserName}", $"Signed in through {identity.Provider} as {identity.Login}.");
        }
    }
}
