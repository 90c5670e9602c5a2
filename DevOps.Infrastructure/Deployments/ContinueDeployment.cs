using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A person's word to a deployment that waits for it: after the first servers, or after a failure.</summary>
public sealed class ContinueDeployment(IDbContextFactory<DevOpsDbContext> contexts, AddDeployment add, AuditTrail audit)
{
    /// <summary>Gives the word; a worker takes the deployment up again at once.</summary>
    /// <param name="actor">Who says it.</param>
    /// <param name="id">The deployment.</param>
    /// <param name="action">What to do.</param>
    /// <param name="server">The failed server it is about; needed for retry and skip when several failed.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="InvalidInput">The action does not fit, or the server did not fail.</exception>
    /// <exception cref="Conflict"><c>notWaiting</c>.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, long id, ContinueAction action, string? server, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (deployment, key, environment) = await DeploymentLookup.LockAsync(db, actor, id, Permission.DeploymentControl, cancellationToken);
        if (deployment.Status != DeploymentStatus.Running || deployment.Pause == RolloutPause.None || deployment.CancelRequestedAt is not null)
        {
            throw new Conflict("notWaiting", $"Deployment #{id} does not wait for a word.");
        }

        await ApplyAsync(db, actor, deployment, action, server, cancellationToken);
        await db.Deployments.Where(d => d.Id == id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Pause, RolloutPause.None), cancellationToken);
        audit.Add(db, actor, "deployment.continue", AddDeployment.Subject(id), $"{key} → {environment}: {Json.Word(action)}{(server is null ? "" : " " + server)}");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        add.Announce([new AddedDeployment(id, deployment.Status, deployment.ProjectId, deployment.EnvironmentId, [])]);
        return new DeploymentTicket(id, deployment.Status);
    }

    private static async Task ApplyAsync(DevOpsDbContext db, Actor actor, Deployment deployment, ContinueAction action, string? server, CancellationToken cancellationToken)
    {
        var all = db.DeploymentServers.Where(s => s.DeploymentId == deployment.Id);
        var failed = await all.Where(s => s.Status == ServerStatus.Failed && !s.PassedOver).OrderBy(s => s.Position).Select(s => s.Name).ToListAsync(cancellationToken);
        switch (action)
        {
            case ContinueAction.Rollback:
                await db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.TakeBackBy, actor.Name), cancellationToken);
                break;
            case ContinueAction.Continue when deployment.Pause == RolloutPause.Confirmation:
                await db.Deployments.Where(d => d.Id == deployment.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.ConfirmedBy, actor.Name), cancellationToken);
                break;
            case ContinueAction.Continue:
                await all.Where(s => failed.Contains(s.Name)).ExecuteUpdateAsync(set => set.SetProperty(s => s.PassedOver, true), cancellationToken);
                break;
            case ContinueAction.Skip:
                var skipped = Choose(failed, server);
                await all.Where(s => s.Name == skipped).ExecuteUpdateAsync(set => set.SetProperty(s => s.PassedOver, true), cancellationToken);
                break;
            default:
                var again = Choose(failed, server);
                await all.Where(s => s.Name == again).ExecuteUpdateAsync(set => set.SetProperty(s => s.Status, ServerStatus.Pending).SetProperty(s => s.Error, (string?)null).SetProperty(s => s.ErrorSentence, (Sentence?)null), cancellationToken);
                await db.DeploymentSteps.Where(s => s.DeploymentId == deployment.Id && s.Server == again && s.Status == StepStatus.Failed)
                    .ExecuteUpdateAsync(set => set.SetProperty(s => s.Status, StepStatus.Pending), cancellationToken);
                break;
        }
    }

    private static string Choose(List<string> failed, string? server)
    {
        if (failed.Count == 0)
        {
            throw new InvalidInput("action", "No server failed: continue or roll back.");
        }

        if (server is null)
        {
            return failed.Count == 1 ? failed[0] : throw new InvalidInput("server", $"Several servers failed; name one of {string.Join(", ", failed.Take(20))}.");
        }

        return failed.Contains(server, StringComparer.Ordinal) ? server : throw new InvalidInput("server", $"The server {server} does not wait for a decision. These do: {string.Join(", ", failed.Take(20))}.");
    }
}
