using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Asks for a deployment: everything in one transaction, then the workers are woken.</summary>
public sealed class RequestDeployment(IDbContextFactory<DevOpsDbContext> contexts, AddDeployment add, CommitPin pin)
{
    /// <summary>Puts a deployment into the queue, or before those who have to approve it.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="projectKey">The project.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="trigger">Why.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="NotFound">No such project, environment or release.</exception>
    /// <exception cref="InvalidInput">The request has faults.</exception>
    /// <exception cref="Forbidden">The actor may not deploy here, or may not pass over a freeze.</exception>
    /// <exception cref="Conflict">See <see cref="AddDeployment.RunAsync"/>.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, string projectKey, DeploymentRequest request, Trigger trigger, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await FindProjectAsync(db, actor, projectKey, cancellationToken);
        actor.Demand(Permission.Deploy, project.Id);
        var faults = new Faults();
        request.Check(faults);
        faults.ThrowIfAny();

        var environment = await db.Environments.AsNoTracking().SingleOrDefaultAsync(e => e.ProjectId == project.Id && e.Name == request.Environment, cancellationToken)
            ?? throw new NotFound($"Environment {request.Environment} of project {projectKey}");
        var order = await pin.RunAsync(new DeploymentOrder(actor, project, environment, request, trigger), cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var added = await AddAsync(db, order, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Announce([added]);
        return new DeploymentTicket(added.Id, added.Status);
    }

    /// <summary>Adds a deployment within the caller's transaction. The caller has asked for permission; after its commit it calls <see cref="Announce"/>.
    /// What is refused is refused before anything is written.</summary>
    /// <exception cref="Conflict">See <see cref="AddDeployment.RunAsync"/>.</exception>
    internal Task<AddedDeployment> AddAsync(DevOpsDbContext db, DeploymentOrder order, CancellationToken cancellationToken) => add.RunAsync(db, order, cancellationToken);

    /// <summary>Wakes the workers and tells the pages. Call after the commit.</summary>
    internal void Announce(IReadOnlyCollection<AddedDeployment> all) => add.Announce(all);

    private static async Task<Project> FindProjectAsync(DevOpsDbContext db, Actor actor, string key, CancellationToken cancellationToken) =>
        await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancellationToken) is { } project && actor.May(Permission.ProjectRead, project.Id)
            ? project
            : throw new NotFound($"Project {key}");
}
