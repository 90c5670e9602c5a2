using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Gives a user a role in one project, or takes it away.</summary>
public sealed class ChangeMember(IDbContextFactory<DevOpsDbContext> contexts, ILookupNormalizer normalizer, AuditTrail audit, ActorReader actors)
{
    /// <summary>Changes the role.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="project">Key of the project.</param>
    /// <param name="username">Whose role.</param>
    /// <param name="role">The role; <see cref="Role.None"/> takes it away.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    /// <exception cref="NotFound">There is no such project or user.</exception>
    public async Task RunAsync(Actor actor, string project, string username, Role role, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.FindProjectAsync(actor, project, Permission.ProjectRead, cancellationToken);
        var key = normalizer.NormalizeName(username);
        var account = await db.Users.Include(a => a.Projects).SingleOrDefaultAsync(a => a.NormalizedUserName == key, cancellationToken)
            ?? throw new NotFound($"User {username}");
        account.Projects.RemoveAll(m => m.ProjectId == found.Id && role == Role.None);
        if (account.Projects.Find(m => m.ProjectId == found.Id) is { } member)
        {
            member.Role = role;
        }
        else if (role != Role.None)
        {
            account.Projects.Add(new ProjectMember { AccountId = account.Id, ProjectId = found.Id, Role = role });
        }

        account.ConcurrencyStamp = Stamps.New();
        audit.Add(db, actor, "user.change", $"user/{account.UserName}", $"The role in project {found.Key} is now {Json.Word(role)}.");
        await db.SaveAsync($"User {account.UserName}", cancellationToken);
        actors.Forget(account.Id);
    }
}
