using System.Linq.Expressions;
using System.Text;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Reads what came through a project's door.</summary>
public sealed class DeliveryQueries(IDbContextFactory<DevOpsDbContext> contexts)
{
    private static readonly Expression<Func<Delivery, DeliveryView>> View = d => new DeliveryView(
        d.Id, d.ReceivedAt, d.Provider, d.Event, d.Ref, d.CommitSha, d.Sender, d.Outcome, d.Verdict, d.Deployments, d.Times, d.RepeatOf);

    private static readonly Func<Delivery, DeliveryView> ViewOf = View.Compile();

    /// <summary>One page, newest first.</summary>
    /// <exception cref="NotFound">No such project, or the actor may not see it.</exception>
    public async Task<Listing<DeliveryView>> ListAsync(Actor actor, string projectKey, PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var rows = db.Deliveries.AsNoTracking().Where(d => d.ProjectId == project.Id);
        var total = await rows.LongCountAsync(cancellationToken);
        return new(await rows.OrderByDescending(d => d.Id).Skip(page.Skip).Take(page.PageSize).Select(View).ToListAsync(cancellationToken), page.Page, page.PageSize, total);
    }

    /// <summary>One delivery with headers and body.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    public async Task<DeliveryDetail> GetAsync(Actor actor, string projectKey, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var project = await db.FindProjectAsync(actor, projectKey, Permission.ProjectRead, cancellationToken);
        var delivery = await db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.ProjectId == project.Id && d.Id == id, cancellationToken)
            ?? throw new NotFound($"Delivery {id} of project {projectKey}");
        return new DeliveryDetail(
            ViewOf(delivery), delivery.SenderId, delivery.Address, delivery.Headers, delivery.Body is { } body ? Encoding.UTF8.GetString(body) : null, delivery.BodyBytes);
    }
}
