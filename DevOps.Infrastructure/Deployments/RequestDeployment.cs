using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Deployments.Steps;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline.Ports;
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

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var added = await AddAsync(db, new DeploymentOrder(actor, project, environment, request, trigger), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Announce([added]);
        return new DeploymentTicket(added.Id, added.Status);
    }

    /// <summary>Adds a deployment within the caller's transaction. The caller has asked for permission; after its commit it calls <see cref="Announce"/>.
    /// What is refused is refused before anything is written.</summary>
    /// <exception cref="NotFound">No such release.</exception>
    /// <exception cref="InvalidInput">The request has faults.</exception>
    /// <exception cref="Conflict"><c>noServers</c>, <c>hostKeyMissing</c>.</exception>
    internal async Task<AddedDeployment> AddAsync(DevOpsDbContext db, DeploymentOrder order, CancellationToken cancellationToken)
    {
        var (actor, project, environment) = (order.Actor, order.Project, order.Environment);
        var servers = await ChooseServersAsync(db, environment, order.Request, cancellationToken);
        var deployment = await NewDeploymentAsync(db, order, servers, cancellationToken);
        db.Deployments.Add(deployment);
        await db.SaveChangesAsync(cancellationToken);
        var superseded = await SupersedeAsync(db, actor, project, environment, deployment, cancellationToken);
        var job = await JobQueue.EnqueueAsync(db, DeploymentJob.New(deployment.Id, environment.Id), cancellationToken);
        deployment.JobId = job.Id;
        audit.Add(db, actor, "deployment.request", Subject(deployment.Id), $"{project.Key} → {environment.Name}, {What(deployment)}");
        await db.SaveChangesAsync(cancellationToken);
        return new AddedDeployment(deployment.Id, deployment.Status, project.Id, superseded);
    }

    /// <summary>Wakes the workers and tells the pages. Call after the commit.</summary>
    internal void Announce(IReadOnlyCollection<AddedDeployment> all)
    {
        queue.Wake();
        foreach (var added in all)
        {
            foreach (var id in added.Superseded.Append(added.Id))
            {
                feed.Publish(new Change(ChangeKind.Deployment, id, added.ProjectId));
            }
        }
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

    private async Task<Deployment> NewDeploymentAsync(DevOpsDbContext db, DeploymentOrder order, List<Server> servers, CancellationToken cancellationToken)
    {
        var (project, environment, request, commit) = (order.Project, order.Environment, order.Request, order.Commit);
        var running = await db.Applications.AsNoTracking().Where(a => a.EnvironmentId == environment.Id).ToDictionaryAsync(a => a.ServerId, a => a.Release, cancellationToken);
        var deployment = new Deployment
        {
            ProjectId = project.Id,
            EnvironmentId = environment.Id,
            Trigger = order.Trigger,
            RequestedBy = order.Actor.Name,
            RequestedRef = request.Release is null ? request.Commit ?? request.Ref ?? project.Repository.Branch : "",
            RequestedServers = request.Servers is { Count: > 0 } ? [.. servers.Select(s => s.Name)] : [],
            CommitSha = commit?.Sha,
            CommitMessage = commit?.Message,
            CommitAuthor = commit?.Author,
            CommitRef = commit?.Ref,
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

/// <summary>What is to be added, looked up and permitted.</summary>
/// <param name="Actor">Who asks.</param>
/// <param name="Project">The project.</param>
/// <param name="Environment">One of its environments.</param>
/// <param name="Request">What is asked for.</param>
/// <param name="Trigger">Why.</param>
/// <param name="Commit">The commit, where who asks knows it already.</param>
internal sealed record DeploymentOrder(Actor Actor, Project Project, DeploymentEnvironment Environment, DeploymentRequest Request, Trigger Trigger, SourceCommit? Commit = null);

/// <summary>What was added, for <see cref="RequestDeployment.Announce"/>.</summary>
/// <param name="Id">The deployment.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="Superseded">Deployments whose place it took.</param>
internal sealed record AddedDeployment(long Id, DeploymentStatus Status, long ProjectId, IReadOnlyCollection<long> Superseded);
