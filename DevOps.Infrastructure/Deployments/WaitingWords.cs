using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Says why a deployment does not run yet, or does not go on.</summary>
public sealed class WaitingWords(PlatformOptions options, TimeProvider time)
{
    /// <summary>Why it waits, or null when it does not.</summary>
    public async Task<Sentence?> OfAsync(DevOpsDbContext db, Deployment deployment, CancellationToken cancellationToken) => deployment.Status switch
    {
        DeploymentStatus.PendingApproval => await ApprovalAsync(db, deployment, cancellationToken),
        DeploymentStatus.Queued => await GateAsync(db, deployment, cancellationToken) ?? await PlaceAsync(db, deployment, cancellationToken),
        DeploymentStatus.Running => await PauseAsync(db, deployment, cancellationToken),
        _ => null,
    };

    private async Task<Sentence?> PauseAsync(DevOpsDbContext db, Deployment deployment, CancellationToken cancellationToken)
    {
        switch (deployment.Pause)
        {
            case RolloutPause.Confirmation:
                return "confirmation after the first server";
            case RolloutPause.Decision:
                var failed = await db.DeploymentServers.Where(s => s.DeploymentId == deployment.Id && s.Status == ServerStatus.Failed && !s.PassedOver)
                    .OrderBy(s => s.Position).Select(s => s.Name).ToListAsync(cancellationToken);
                return $"a decision about {string.Join(", ", failed)}";
            default:
                return deployment.SoakUntil is { } until && until > time.GetUtcNow() ? Sentence.Of($"the end of the soak time at {until.UtcDateTime:HH:mm:ss} UTC") : null;
        }
    }

    private static async Task<Sentence> ApprovalAsync(DevOpsDbContext db, Deployment deployment, CancellationToken cancellationToken)
    {
        var said = await db.Approvals.CountAsync(a => a.DeploymentId == deployment.Id && a.Decision == ApprovalDecision.Approved, cancellationToken);
        return $"approval {said + 1} of {deployment.ApprovalsRequired}";
    }

    private async Task<Sentence?> GateAsync(DevOpsDbContext db, Deployment deployment, CancellationToken cancellationToken)
    {
        var environment = await db.Environments.AsNoTracking().SingleAsync(e => e.Id == deployment.EnvironmentId, cancellationToken);
        return DeployGate.Of(environment, deployment.OverrideFreeze, time.GetUtcNow())?.Words;
    }

    private async Task<Sentence> PlaceAsync(DevOpsDbContext db, Deployment deployment, CancellationToken cancellationToken)
    {
        // In the order of the queue: one that was approved late stands behind those that came in between.
        var ahead = await db.Deployments
            .Where(d => d.EnvironmentId == deployment.EnvironmentId && d.Id != deployment.Id
                && (d.Status == DeploymentStatus.Running || (d.Status == DeploymentStatus.Queued && d.JobId < deployment.JobId)))
            .OrderByDescending(d => d.Status == DeploymentStatus.Queued).ThenByDescending(d => d.JobId).Select(d => (long?)d.Id).FirstOrDefaultAsync(cancellationToken);
        if (ahead is not null)
        {
            return $"behind #{ahead}";
        }

        var busy = await db.Jobs.CountAsync(j => j.State == JobState.Running && j.Kind == DeploymentJob.Kind, cancellationToken);
        return busy >= options.RunnerCount ? Sentence.Of($"{busy} of {options.RunnerCount} runners busy") : "a runner";
    }
}
