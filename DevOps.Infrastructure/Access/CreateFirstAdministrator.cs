using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Creates the first account, an administrator: by the one-time link, or from the environment.</summary>
public sealed class CreateFirstAdministrator(IDbContextFactory<DevOpsDbContext> contexts, CreateUser users, AuditTrail audit)
{
    /// <summary>Creates it for who holds the one-time link.</summary>
    /// <returns>The account.</returns>
    /// <exception cref="NotFound">The link is wrong or used, or an account exists.</exception>
    /// <exception cref="InvalidInput">A field cannot be accepted.</exception>
    public async Task<Account> ByLinkAsync(string? token, UserDraft draft, string? address, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LastAdministrator.LockAsync(db, cancellationToken);
        if (!await SetupLink.IsGoodAsync(db, token, cancellationToken))
        {
            throw new NotFound("The setup link");
        }

        return await AddAsync(db, draft, address, "by the one-time link", cancellationToken);
    }

    /// <summary>Creates it from the environment, unless an account exists.</summary>
    /// <returns>True when it was created.</returns>
    /// <exception cref="InvalidInput">The name or the password cannot be accepted.</exception>
    public async Task<bool> FromEnvironmentAsync(string user, string password, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LastAdministrator.LockAsync(db, cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return false;
        }

        await AddAsync(db, new UserDraft { Username = user, Password = password }, null, "from the environment", cancellationToken);
        return true;
    }

    private async Task<Account> AddAsync(DevOpsDbContext db, UserDraft draft, string? address, string how, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var admin = draft with { Role = Role.Admin, Disabled = false, Projects = [] };
        admin.Check(faults);
        faults.When(admin.Password is null, "password", "Choose a password.");
        faults.ThrowIfAny();
        var account = users.Make(admin);
        db.Users.Add(account);
        await db.Settings.Where(s => s.Key == SetupLink.Setting).ExecuteDeleteAsync(cancellationToken);
        audit.Add(db, Actor.Platform with { Address = address }, "user.create", $"user/{account.UserName}", $"Created the first administrator {how}.");
        await db.SaveChangesAsync(cancellationToken);
        await db.Database.CommitTransactionAsync(cancellationToken);
        return account;
    }
}
