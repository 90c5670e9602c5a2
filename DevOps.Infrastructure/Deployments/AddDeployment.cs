using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>The one way a deployment comes to be, whoever asks: decides whether it is refused, waits for approval or is queued, and adds row, servers,
/// job and audit line to the caller's transaction.</summary>
public sealed class AddDeployment(AuditTrail audit, ChangeFeed feed, JobQueue queue, TimeProvider time)
{
    /// <summary>Adds a deployment. After the commit the caller calls <see cref="Announce"/>. What is refused is refused before anything is written.</summary>
    /// <param name="db">Context with an open transaction.</param>
    /// <param name="order">What is asked for; its request is checked, its actor may deploy.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="NotFound">No such release, or the environment was deleted meanwhile.</exception>
    /// <exception cref="InvalidInput">The environment lacks a server that was named.</exception>
    /// <exception cref="Forbidden">Only an administrator passes over a freeze.</exception>
    /// <exception cref="Conflict"><c>noServers</c>, <c>hostKeyMissing</c>, <c>notPromoted</c>, <c>commitUnknown</c>; by hand also <c>locked</c> and <c>frozen</c>: others wait.</exception>
    public async Task<AddedDeployment> RunAsync(DevOpsDbContext db, DeploymentOrder order, CancellationToken cancellationToken)
    {
        var environment = await LockAsync(db, order, cancellationToken);
        var batch = new WriteBatch(db);
        var added = GiveWay(batch, await RunAsync(db, batch, order with { Environment = environment.Row }, environment.Next, cancellationToken));
        await batch.SendAsync(cancellationToken);
        return added;
    }

    /// <summary>The same for an environment that the caller's transaction holds already, with the numbers that deployment and job get.
    /// The caller lets what still waits give way to each, and sends the batch (one who adds several deployments asks the database once): the last thing
    /// before the commit, so that the next one waits little for its locks.</summary>
    /// <exception cref="Conflict">See the other one.</exception>
    internal async Task<NewDeployment> RunAsync(DevOpsDbContext db, WriteBatch batch, DeploymentOrder order, NextNumbers next, CancellationToken cancellationToken)
    {
        DemandOpen(order);
        var targets = await DeploymentTargets.ChooseAsync(db, order.Environment, order.Request, cancellationToken);
        var deployment = await NewAsync(db, order, targets, cancellationToken);
        deployment.Id = next.Deployment;
        deployment.JobId = await EnqueueAsync(db, batch, deployment, order.Environment.Approvals, next.Job, cancellationToken);
        batch.Add(deployment);
        foreach (var server in deployment.Servers)
        {
            server.DeploymentId = deployment.Id;
            batch.Add(server);
        }

        var place = $"{order.Project.Key} → {order.Environment.Name}";
        batch.Add(audit.Line(order.Actor, "deployment.request", Subject(deployment.Id), $"{place}, {What(deployment)}"));
        if (deployment.OverrideFreeze)
        {
            batch.Add(audit.Line(order.Actor, "deployment.overrideFreeze", Subject(deployment.Id), place));
        }

        return new NewDeployment(order, deployment);
    }

    /// <summary>Ends, as the batch is sent, what still waits and is covered by a new deployment.</summary>
    internal AddedDeployment GiveWay(WriteBatch batch, NewDeployment added)
    {
        var (order, row) = added;
        var superseded = Supersede.Add(batch, audit, order.Actor, row, order.Environment, time.GetUtcNow());
        return new AddedDeployment(row.Id, row.Status, row.ProjectId, row.EnvironmentId, superseded);
    }

    /// <summary>Wakes the workers, tells the pages and counts what gave way. Call after the commit.</summary>
    public void Announce(IReadOnlyCollection<AddedDeployment> all)
    {
        foreach (var added in all)
        {
            PlatformMeter.DeploymentsEnded.Add(added.Superseded.Count, new KeyValuePair<string, object?>("status", Json.Word(DeploymentStatus.Superseded)));
            queue.WakeFor(DeploymentJob.Kind, DeploymentJob.LockKey(added.EnvironmentId));
            foreach (var id in added.Superseded.Append(added.Id))
            {
                feed.Publish(new Change(ChangeKind.Deployment, id, added.ProjectId));
            }
        }
    }

    internal static string Subject(long id) => $"deployment/{id.ToString(CultureInfo.InvariantCulture)}";

    // Shared with others who deploy, against those who lock or change it: what was decided here holds until the commit.
    private static async Task<HeldEnvironment> LockAsync(DevOpsDbContext db, DeploymentOrder order, CancellationToken cancellationToken) =>
        await db.HoldEnvironment(order.Environment.Id).AsNoTracking()
            .Select(e => new HeldEnvironment(e, new NextNumbers(DevOpsDbContext.NextDeploymentId(), DevOpsDbContext.NextJobId()))).SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFound($"Environment {order.Environment.Name} of project {order.Project.Key}");

    private void DemandOpen(DeploymentOrder order)
    {
        var environment = order.Environment;
        if (order.Request.OverrideFreeze && !order.Actor.May(Permission.FreezeOverride, order.Project.Id))
        {
            throw new Forbidden($"Only an administrator deploys in spite of a freeze. Ask one, or leave overrideFreeze out.");
        }

        var byHand = order.Trigger is not (Trigger.Webhook or Trigger.Schedule);
        if (!byHand || DeployGate.Of(environment, order.Request.OverrideFreeze, time.GetUtcNow()) is not { } gate)
        {
            return;
        }

        throw environment.LockedBy is null
            ? new Conflict(gate.Reason, $"{environment.Name} is {gate.Words}. Deploy afterwards; an administrator can override the freeze.")
            : new Conflict(gate.Reason, $"{environment.Name} is {gate.Words}, since {environment.LockedAt:yyyy-MM-dd HH:mm} UTC. Unlock it on the environment's page first.");
    }

    private async Task<Deployment> NewAsync(DevOpsDbContext db, DeploymentOrder order, List<DeploymentTarget> targets, CancellationToken cancellationToken)
    {
        var (environment, request, now) = (order.Environment, order.Request, time.GetUtcNow());
        var release = await PromotionRule.ChooseAsync(db, order, cancellationToken);
        var deployment = new Deployment
        {
            ProjectId = order.Project.Id,
            EnvironmentId = environment.Id,
            Trigger = environment.PromoteFrom is not null && order.Trigger is (Trigger.Manual or Trigger.Api) ? Trigger.Promotion : order.Trigger,
            RequestedBy = order.Actor.Name,
            RequestedRef = release is null ? request.Commit ?? request.Ref ?? order.Project.Repository.Branch : "",
            RequestedServers = request.Servers is { Count: > 0 } ? [.. targets.Select(t => t.Server.Name)] : [],
            Note = request.Note ?? "",
            CreatedAt = now,
            CommitAt = release?.CommitAt,
            Release = release?.Number,
            OverrideFreeze = request.OverrideFreeze,
            Servers = [.. targets.Select((t, i) => new DeploymentServer { ServerId = t.Server.Id, Name = t.Server.Name, Position = i, Release = t.Release })],
        };
        (deployment.CommitSha, deployment.CommitMessage, deployment.CommitAuthor, deployment.CommitRef) = release is not null
            ? (release.CommitSha, release.CommitMessage, release.CommitAuthor, release.CommitRef)
            : (order.Commit?.Sha, order.Commit?.Message, order.Commit?.Author, order.Commit?.Ref);
        if (environment.Approvals.Required > 0)
        {
            if (release is null && order.Commit is null)
            {
                throw new Conflict("commitUnknown", $"An approval needs a commit or a release to be bound to, and nobody named one.");
            }

            deployment.AwaitApproval(environment.Approvals, now);
        }

        return deployment;
    }

    private static async Task<long?> EnqueueAsync(DevOpsDbContext db, WriteBatch batch, Deployment deployment, ApprovalRule approvals, long jobId, CancellationToken cancellationToken)
    {
        if (deployment.Status == DeploymentStatus.PendingApproval)
        {
            await JobQueue.EnqueueAsync(db, ApprovalExpiryJob.New(deployment.Id, approvals), cancellationToken);
            return null;
        }

        batch.Add(JobQueue.Row(DeploymentJob.New(deployment), jobId));
        return jobId;
    }

    private static string What(Deployment deployment) => deployment.Release is { } number ? $"release {number}" : deployment.RequestedRef;
}

/// <summary>An environment that a transaction holds, and the numbers for the next deployment.</summary>
internal sealed record HeldEnvironment(DeploymentEnvironment Row, NextNumbers Next);

/// <summary>Numbers drawn for a new deployment and its job, so that all their rows are written at once.</summary>
internal sealed record NextNumbers(long Deployment, long Job);

/// <summary>A deployment that was asked for, and the row it gets.</summary>
internal sealed record NewDeployment(DeploymentOrder Order, Deployment Row);
