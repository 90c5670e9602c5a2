using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Deals with a kept delivery once more, by the triggers of today. It deploys again, also when it did so before: a person asked for it.</summary>
public sealed class RepeatDelivery(IDbContextFactory<DevOpsDbContext> contexts, DecideDelivery decide, TimeProvider time)
{
    /// <summary>Repeats it.</summary>
    /// <param name="actor">Who asks; the deployments are asked for in this name.</param>
    /// <param name="projectKey">The project.</param>
    /// <param name="id">The delivery.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    /// <exception cref="Conflict">Its body was not kept, or cannot be read (<c>notRepeatable</c>).</exception>
    public async Task<DeliveryReceipt> RunAsync(Actor actor, string projectKey, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.Deploy, cancellationToken);
        var old = await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.ProjectId == project.Id && d.Id == id, cancellationToken)
            ?? throw new NotFound($"Delivery {id} of project {projectKey}");
        if (old.Outcome is DeliveryOutcome.Rejected or DeliveryOutcome.Unreadable || old.Body is null)
        {
            throw new Conflict("notRepeatable", $"Delivery {id} cannot be sent again from here: {WhyNot(old)}. Send it again from where it came.");
        }

        var content = DeliveryReader.Read(old.Provider, new WebhookHeaders(old.Headers), old.Body);
        var delivery = new Delivery
        {
            ProjectId = project.Id,
            Provider = old.Provider,
            ReceivedAt = time.GetUtcNow(),
            Address = actor.Address,
            RepeatOf = old.Id,
            Headers = old.Headers,
            Body = old.Body,
            BodyBytes = old.BodyBytes,
        };
        return await decide.DecideAsync(project, delivery, content, actor, cancellationToken);
    }

    private static Sentence WhyNot(Delivery old) => old switch
    {
        { Outcome: DeliveryOutcome.Rejected } => Sentence.Of("it was not authentic"),
        { Body: null } => "its body was too long to be kept",
        _ => "it cannot be read",
    };
}
