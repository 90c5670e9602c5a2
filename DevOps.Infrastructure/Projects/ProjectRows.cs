using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Projects;

/// <summary>Finds a project for someone: who may not see it learns nothing of it.</summary>
internal static class ProjectRows
{
    /// <summary>Reads a project without tracking it.</summary>
    /// <exception cref="NotFound">It is not there, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor sees it but lacks the permission.</exception>
    public static async Task<Project> FindProjectAsync(this DevOpsDbContext db, Actor actor, string key, Permission permission, CancellationToken cancellationToken) =>
        Demand(await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancellationToken), actor, key, permission);

    /// <summary>Reads a project and locks its row until the transaction ends, so that changes take turns. Rows that belong to it can be added
    /// meanwhile: who asks for a deployment holds the environment and comes to the project then, while a change of the environment goes the other way.</summary>
    /// <exception cref="NotFound">It is not there, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor sees it but lacks the permission.</exception>
    public static async Task<Project> LockProjectAsync(this DevOpsDbContext db, Actor actor, string key, Permission permission, CancellationToken cancellationToken)
    {
        var rows = await db.Projects.FromSql($"SELECT * FROM projects WHERE key = {key} FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        return Demand(rows.SingleOrDefault(), actor, key, permission);
    }

    private static Project Demand(Project? project, Actor actor, string key, Permission permission)
    {
        if (project is null || !actor.May(Permission.ProjectRead, project.Id))
        {
            throw Core.Slug.IsValid(key) ? new NotFound($"Project {key}") : new NotFound("The project");
        }

        actor.Demand(permission, project.Id);
        return project;
    }
}
