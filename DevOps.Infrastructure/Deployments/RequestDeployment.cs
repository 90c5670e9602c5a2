using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Deployments.Steps;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Projects;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Asks for a deployment: row, servers, steps, job and audit line in one transaction, then the workers are woken.</summary>
public sealed class RequestDeployment(IDbContextFactory<DevOpsDbContext> contexts, AuditTrail audit, ChangeFeed feed, JobQueue queue, TimeProvider time)
{
    /// <summary>Puts a deployment into the queue.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="projectKey">The project.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="trigger">Why.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="NotFound">No such project, environment or release.</exception>
    /// <exception cref="InvalidInput">The request has faults.</exception>
    /// <exception cref="Conflict"><c>noServers</c>, <c>hostKeyMissing</c>.</exception>
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
        var servers = await ChooseServersAsync(db, environment, request, cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var deployment = await NewDeploymentAsync(db, actor, project, environment, request, trigger, servers, cancellationToken);
        db.Deployments.Add(deployment);
        await db.SaveChangesAsync(cancellationToken);
        var superseded = await SupersedeAsync(db, actor, project, environment, deployment, cancellationToken);
        var job = await JobQueue.EnqueueAsync(db, DeploymentJob.New(deployment.Id, environment.Id), cancellationToken);
        deployment.JobId = job.Id;
        audit.Add(db, actor, "deployment.request", Subject(deployment.Id), $"{project.Key} → {environment.Name}, {What(deployment)}");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        queue.Wake();
        foreach (var id in superseded.Append(deployment.Id))
        {
            feed.Publish(new Change(ChangeKind.Deployment, id, project.Id));
        }

        return new DeploymentTicket(deployment.Id, deployment.Status);
    }

    private static async Task<Project> FindProjectAsync(DevOpsDbContext db, Actor actor, string key, CancellationToken cancellationToken) =>
        await db.Projects.AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancellationToken) is { } project && actor.May(Permission.ProjectRead, project.Id)
            ? project
            : throw new NotFound($"Project {key}");

    private static async Task<List<Server>> ChooseServersAsync(DevOpsDbContext db, DeploymentEnvironment environment, DeploymentRequest request, CancellationToken cancellationToken)
    {
        var candidates = await db.Servers.AsNoTracking()
            .Where(s => environment.Servers.Contains(s.Name) || s.Tags.Any(t => environment.ServerTags.Contains(t)))
            .ToListAsync(cancellationToken);
        var servers = EnvironmentServers.Of(environment, candidates).ToList();
        if (servers.Count == 0)
        {
            throw new Conflict("noServers", $"The environment {environment.Name} has no server. Add one to it, or give a server one of its tags.");
        }

        if (request.Servers is { Count: > 0 } asked)
        {
            var foreign = asked.Where(a => !servers.Exists(s => string.Equals(s.Name, a, StringComparison.Ordinal))).ToList();
            if (foreign.Count > 0)
            {
                throw new InvalidInput("servers", $"The environment {environment.Name} has no server {string.Join(", ", foreign.Take(10))}. It has {string.Join(", ", servers.Select(s => s.Name).Take(20))}.");
            }

            servers.RemoveAll(s => !asked.Contains(s.Name, StringComparer.Ordinal));
        }

        return servers.Where(s => s.HostKey is null).Select(s => s.Name).ToList() is { Count: > 0 } unpinned
            ? throw new Conflict("hostKeyMissing", $"The host key of {string.Join(", ", unpinned)} is not confirmed. Look at it on the server's page and confirm it first.")
            : servers;
    }

    private async Task<Deployment> NewDeploymentAsync(DevOpsDbContext db, Actor actor, Project project, DeploymentEnvironment environment, DeploymentRequest request, Trigger trigger, List<Server> servers, CancellationToken cancellationToken)
    {
        var running = await db.Applications.AsNoTracking().Where(a => a.EnvironmentId == environment.Id).ToDictionaryAsync(a => a.ServerId, a => a.Release, cancellationToken);
        var deployment = new Deployment
        {
            ProjectId = project.Id,
            EnvironmentId = environment.Id,
            Trigger = trigger,
            RequestedBy = actor.Name,
            RequestedRef = request.Release is null ? request.Commit ?? request.Ref ?? project.Repository.Branch : "",
            RequestedServers = request.Servers is { Count: > 0 } ? [.. servers.Select(s => s.Name)] : [],
            Note = request.Note ?? "",
            CreatedAt = time.GetUtcNow(),
            Servers = [.. servers.Select((s, i) => new DeploymentServer { ServerId = s.Id, Name = s.Name, Position = i, Release = running.TryGetValue(s.Id, out var release) ? release : null })],
            Steps = Plan(servers),
        };
        if (request.Release is { } number)
        {
            var release = await db.Releases.AsNoTracking().SingleOrDefaultAsync(r => r.ProjectId == project.Id && r.Number == number, cancellationToken)
                ?? throw new NotFound($"Release {number} of project {project.Key}");
            deployment.Release = number;
            (deployment.CommitSha, deployment.CommitMessage, deployment.CommitAuthor, deployment.CommitRef) = (release.CommitSha, release.CommitMessage, release.CommitAuthor, release.CommitRef);
        }

        return deployment;
    }

    private static List<DeploymentStep> Plan(List<Server> servers)
    {
        var steps = new List<(StepName Name, string? Server)> { (StepName.Checkout, null), (StepName.Build, null), (StepName.Package, null) };
        steps.AddRange(servers.SelectMany(s => ServerRollout.Steps.Select(step => (step, (string?)s.Name))));
        steps.Add((StepName.Cleanup, null));
        return [.. steps.Select((s, i) => new DeploymentStep { Name = s.Name, Server = s.Server, Position = i })];
    }

    // Only those that this one covers: a request for one server must not swallow one for another.
    private async Task<List<long>> SupersedeAsync(DevOpsDbContext db, Actor actor, Project project, DeploymentEnvironment environment, Deployment newer, CancellationToken cancellationToken)
    {
        if (!environment.Supersede)
        {
            return [];
        }

        var waiting = await db.Deployments.AsNoTracking().Include(d => d.Servers)
            .Where(d => d.EnvironmentId == environment.Id && d.Status == DeploymentStatus.Queued && d.Id < newer.Id)
            .ToListAsync(cancellationToken);
        var covered = newer.Servers.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var superseded = new List<long>();
        foreach (var older in waiting.Where(d => d.Servers.TrueForAll(s => covered.Contains(s.Name))))
        {
            // Its job stays in the queue: who takes it finds a final state and is done.
            if (await DeploymentMoves.TryAsync(db, older.Id, DeploymentStatus.Queued, DeploymentStatus.Superseded, time.GetUtcNow(), $"Deployment #{newer.Id} took its place.", cancellationToken))
            {
                await db.Deployments.Where(d => d.Id == older.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.LogComplete, true), cancellationToken);
                audit.Add(db, actor, "deployment.supersede", Subject(older.Id), $"{project.Key} → {environment.Name}: #{newer.Id} took its place");
                superseded.Add(older.Id);
            }
        }

        return superseded;
    }

    private static string Subject(long id) => $"deployment/{id.ToString(CultureInfo.InvariantCulture)}";

    private static string What(Deployment deployment) => deployment.Release is { } number ? $"release {number}" : deployment.RequestedRef;
}

/// <summary>What who asked gets back at once.</summary>
public sealed record DeploymentTicket(long Id, DeploymentStatus Status);
