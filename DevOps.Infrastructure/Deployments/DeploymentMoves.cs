using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Moves a deployment from one state to another in the database, with a compare on the old one: of two who try, one wins.</summary>
internal static class DeploymentMoves
{
    /// <summary>Tries a move.</summary>
    /// <returns>False when the deployment was not in the old state any more.</returns>
    /// <exception cref="IllegalTransition">The table of moves forbids it.</exception>
    public static async Task<bool> TryAsync(DevOpsDbContext db, long id, DeploymentStatus from, DeploymentStatus to, DateTimeOffset now, Sentence? error, CancellationToken cancellationToken)
    {
        if (!DeploymentTransitions.IsLegal(from, to))
        {
            throw new IllegalTransition(id, from, to);
        }

        var (text, sentence) = StoredError.Split(error);
        DateTimeOffset? finished = to.IsFinal() ? now : null;
        var started = to == DeploymentStatus.Running;
        var rows = await db.Deployments.Where(d => d.Id == id && d.Status == from).ExecuteUpdateAsync(
            set => set
                .SetProperty(d => d.Status, to)
                .SetProperty(d => d.Error, text)
                .SetProperty(d => d.ErrorSentence, sentence)
                .SetProperty(d => d.FinishedAt, finished)
                .SetProperty(d => d.StartedAt, d => started ? d.StartedAt ?? now : d.StartedAt),
            cancellationToken);
        if (rows == 1 && to.IsFinal())
        {
            PlatformMeter.DeploymentsEnded.Add(1, new KeyValuePair<string, object?>("status", Json.Word(to)));
            await EndPartsAsync(db, id, to, now, cancellationToken);
        }

        return rows == 1;
    }

    /// <summary>Tries to end a deployment that never ran: nothing was or will be said in its log.</summary>
    /// <returns>False when the deployment was not in the old state any more.</returns>
    public static async Task<bool> EndWaitingAsync(DevOpsDbContext db, long id, DeploymentStatus from, DeploymentStatus to, DateTimeOffset now, Sentence error, CancellationToken cancellationToken)
    {
        if (!await TryAsync(db, id, from, to, now, error, cancellationToken))
        {
            return false;
        }

        await db.Deployments.Where(d => d.Id == id).ExecuteUpdateAsync(set => set.SetProperty(d => d.LogComplete, true), cancellationToken);
        return true;
    }

    // What had not begun is not going to; what was under way has ended with the deployment.
    private static async Task EndPartsAsync(DevOpsDbContext db, long id, DeploymentStatus to, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var running = to == DeploymentStatus.Cancelled ? StepStatus.Cancelled : StepStatus.Failed;
        await db.DeploymentSteps.Where(s => s.DeploymentId == id && (s.Status == StepStatus.Running || s.Status == StepStatus.Pending)).ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.Status, s => s.Status == StepStatus.Running ? running : StepStatus.Skipped)
                .SetProperty(s => s.FinishedAt, s => s.Status == StepStatus.Running ? now : s.FinishedAt),
            cancellationToken);
        await db.DeploymentServers.Where(s => s.DeploymentId == id && (s.Status == ServerStatus.Running || s.Status == ServerStatus.Pending)).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.Status, s => s.Status == ServerStatus.Running ? ServerStatus.Failed : ServerStatus.Skipped),
            cancellationToken);
    }
}
