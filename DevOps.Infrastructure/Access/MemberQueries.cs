using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Somebody who may see a project.</summary>
/// <param name="Username">User name.</param>
/// <param name="DisplayName">Name for people.</param>
/// <param name="Platform">Role for the whole platform.</param>
/// <param name="Here">Role given for this project; none when there is no such.</param>
/// <param name="Disabled">True when the person may not sign in.</param>
public sealed record MemberView(string Username, string DisplayName, Role Platform, Role Here, bool Disabled)
{
    /// <summary>What counts in this project.</summary>
    public Role Effective => Here > Platform ? Here : Platform;
}

/// <summary>Reads who has which role in a project.</summary>
public sealed class MemberQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>Everybody with a role in the project, by name.</summary>
    /// <exception cref="NotFound">The project is not there, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor may not edit the project.</exception>
    public async Task<IReadOnlyList<MemberView>> ListAsync(Actor actor, string project, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var id = (await db.FindProjectAsync(actor, project, Permission.ProjectEdit, cancellationToken)).Id;
        return await db.Users.AsNoTracking()
            .Where(a => a.Role != Role.None || a.Projects.Any(m => m.ProjectId == id))
            .OrderBy(a => a.UserName)
            .Select(a => new MemberView(a.UserName!, a.DisplayName, a.Role, a.Projects.Where(m => m.ProjectId == id).Select(m => m.Role).SingleOrDefault(), a.Disabled))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Names of those who have no role in the project yet.</summary>
    /// <exception cref="Forbidden">The actor may not edit users.</exception>
    public async Task<IReadOnlyList<string>> OthersAsync(Actor actor, string project, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.UserEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var id = (await db.FindProjectAsync(actor, project, Permission.ProjectRead, cancellationToken)).Id;
        return await db.Users.Where(a => a.Projects.All(m => m.ProjectId != id)).OrderBy(a => a.UserName).Select(a => a.UserName!).ToListAsync(cancellationToken);
    }
}
