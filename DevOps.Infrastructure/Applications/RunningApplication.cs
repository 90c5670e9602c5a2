using DevOps.Core.Access;
using DevOps.Core.Deployments.Steps;
using DevOps.Core.Environments;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using DevOps.Infrastructure.Servers;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Applications;

/// <summary>Which application is meant.</summary>
/// <param name="Project">Key of the project.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Server">Name of the server.</param>
public sealed record ApplicationName(string Project, string Environment, string Server)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Project}/{Environment}/{Server}";
}

/// <summary>An application with everything needed to run its project's commands on its server, secrets opened.</summary>
public sealed record RunningApplication(Application Row, Project Project, ServerAccess Access, IReadOnlyDictionary<string, Sensitive> Variables, SecretMasker Masker)
{
    /// <summary>A command of the project, to be run in what is current there.</summary>
    public RemoteCommand CommandOf(string script, TimeSpan timeout) => new() { Script = script, Variables = Variables, Folder = Row.Path + "/current", Timeout = timeout };
}

/// <summary>Finds applications and opens what their commands need.</summary>
public sealed class RunningApplicationReader(IDbContextFactory<DevOpsDbContext> contexts, ServerAccessReader servers, SecretReader secrets)
{
    /// <summary>Finds one.</summary>
    /// <exception cref="NotFound">Nothing runs there, or the actor may not see it.</exception>
    /// <exception cref="Forbidden">The actor sees it but lacks the permission.</exception>
    /// <exception cref="Conflict">Its secrets or its server's credential cannot be opened (<c>unreachable</c>).</exception>
    public async Task<RunningApplication> ReadAsync(Actor actor, ApplicationName name, Permission permission, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await (
            from a in db.Applications.AsNoTracking()
            join e in db.Environments.AsNoTracking() on a.EnvironmentId equals e.Id
            join p in db.Projects.AsNoTracking() on e.ProjectId equals p.Id
            join s in db.Servers on a.ServerId equals s.Id
            where p.Key == name.Project && e.Name == name.Environment && s.Name == name.Server
            select new { Row = a, Project = p, e.Variables }).SingleOrDefaultAsync(cancellationToken);
        if (found is null || !actor.May(Permission.ProjectRead, found.Project.Id))
        {
            throw new NotFound("The application");
        }

        actor.Demand(permission, found.Project.Id);
        var release = await db.Releases.AsNoTracking().SingleOrDefaultAsync(r => r.ProjectId == found.Project.Id && r.Number == found.Row.Release, cancellationToken);
        found.Project.Deploy = found.Project.DeployOf(release?.DeployPart);
        try
        {
            var access = await servers.ReadAsync(found.Row.ServerId, cancellationToken);
            var hidden = await secrets.ReadAsync(SecretScope.Environment, found.Row.EnvironmentId, cancellationToken);
            var own = found.Variables.ToDictionary(v => v.Key, v => new Sensitive(v.Value), StringComparer.Ordinal);
            foreach (var (key, value) in hidden)
            {
                own[key] = value;
            }

            var context = new ServerContext
            {
                Project = name.Project,
                Environment = name.Environment,
                Server = name.Server,
                Release = found.Row.Release,
                Previous = found.Row.PreviousRelease,
                Commit = release?.CommitSha ?? "",
                Ref = release?.CommitRef ?? "",
                DeploymentId = found.Row.DeploymentId,
                Path = found.Row.Path,
            };
            return new RunningApplication(found.Row, found.Project, access, DeployContext.ForServer(own, context), new SecretMasker(hidden.Values.Append(access.Secret)));
        }
        catch (Exception e) when (e is StepFailure or SecretUnreadable)
        {
            throw new Conflict("unreachable", Sentence.Of(e));
        }
    }
}
