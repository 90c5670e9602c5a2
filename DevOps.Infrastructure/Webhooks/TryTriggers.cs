using DevOps.Core.Access;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Holds triggers against what came before, without deploying anything.</summary>
public sealed class TryTriggers(IDbContextFactory<DevOpsDbContext> contexts)
{
    /// <summary>Most deliveries that are looked at.</summary>
    public const int Most = 50;

    /// <summary>Says of the last authentic deliveries whether each would deploy, newest first.</summary>
    /// <exception cref="InvalidInput">The triggers have faults.</exception>
    /// <exception cref="NotFound">No such project, or the actor may not see it.</exception>
    public async Task<IReadOnlyList<TriedDelivery>> RunAsync(Actor actor, string projectKey, TriggerSpec triggers, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var faults = new Faults();
        TriggerRules.Check(triggers, "triggers", faults);
        faults.ThrowIfAny();
        var deliveries = db.Deliveries.AsNoTracking()
            .Where(d => d.ProjectId == project.Id && d.Body != null && (d.Outcome == DeliveryOutcome.Accepted || d.Outcome == DeliveryOutcome.Ignored))
            .OrderByDescending(d => d.Id).Take(Most).AsAsyncEnumerable();
        var tried = new List<TriedDelivery>();
        await foreach (var delivery in deliveries.WithCancellation(cancellationToken))
        {
            tried.Add(Try(delivery, triggers, project.Repository.Branch));
        }

        return tried;
    }

    private static TriedDelivery Try(Delivery delivery, TriggerSpec triggers, string branch)
    {
        var content = DeliveryReader.Read(delivery.Provider, new WebhookHeaders(delivery.Headers), delivery.Body);
        var verdicts = content.Pushes.Select(p => TriggerMatch.Decide(triggers, branch, p)).ToList();
        var deploys = verdicts.Exists(v => v.Deploys);
        var why = verdicts.Count == 0 ? Sentence.Of($"the event {content.Event} is not a push") : Sentence.Join("; ", verdicts.Where(v => v.Deploys == deploys).Select(v => v.Why));
        return new TriedDelivery(delivery.Id, delivery.ReceivedAt, delivery.Event, delivery.Ref, deploys, why);
    }
}
