using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Holds an authentic delivery against the project's triggers, and stores it with what it led to: delivery, deployments, jobs and audit lines in one transaction.</summary>
public sealed class DecideDelivery(IDbContextFactory<DevOpsDbContext> contexts, AddDeployment add, ChangeFeed feed)
{
    private const int MaxTold = 5;
    private const int MaxMessage = 500;
    private const int MaxAuthor = 200;

    // Shared with others who deploy, against those who lock or change them: what is decided here holds until the commit.
    private static readonly Func<DevOpsDbContext, long, WebhookProvider, string?, IAsyncEnumerable<Following>> Followers = EF.CompileAsyncQuery(
        (DevOpsDbContext db, long project, WebhookProvider provider, string? sender) => db.HoldFollowingEnvironments(project).AsNoTracking()
            .OrderBy(e => e.Position).ThenBy(e => e.Name)
            .Select(e => new Following(
                e,
                new NextNumbers(DevOpsDbContext.NextDeploymentId(), DevOpsDbContext.NextJobId()),
                db.Deliveries.Any(d => d.ProjectId == project && d.Provider == provider && d.SenderId == sender && d.SenderId != null && d.Deployments.Count > 0))));

    /// <summary>Decides and stores.</summary>
    /// <param name="project">The project.</param>
    /// <param name="delivery">The row, complete but for what is decided here.</param>
    /// <param name="content">What it says.</param>
    /// <param name="actor">Who asks for the deployments.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<DeliveryReceipt> DecideAsync(Project project, Delivery delivery, DeliveryContent content, Actor actor, CancellationToken cancellationToken)
    {
        (delivery.Event, delivery.Sender) = (content.Event, content.Sender is null ? null : actor.Name);
        var verdicts = content.Pushes.Select(p => (Push: p, Verdict: TriggerMatch.Decide(project.Triggers, project.Repository.Branch, p))).ToList();
        var shown = verdicts.Find(v => v.Verdict.Deploys).Push ?? (content.Pushes.Count > 0 ? content.Pushes[0] : null);
        (delivery.Ref, delivery.CommitSha) = (shown?.Name, shown?.Commit);
        if (!verdicts.Exists(v => v.Verdict.Deploys))
        {
            return await IgnoreAsync(delivery, verdicts.Count > 0 ? Together(verdicts.Select(v => v.Verdict.Why)) : WhyNoPush(content.Event), cancellationToken);
        }

        try
        {
            return await DeployAsync(project, delivery, [.. verdicts.Where(v => v.Verdict.Deploys)], actor, cancellationToken);
        }
        catch (Exception error) when (delivery.SenderId is not null && DatabaseFault.IsDuplicate(error))
        {
            // The same delivery came twice at the same moment, and the other one was faster.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await FindEarlierAsync(db, delivery, cancellationToken) ?? throw new Conflict("exists", "The same delivery was received at the same moment. Send it again.");
        }
    }

    /// <summary>Stores a delivery that cannot be read.</summary>
    public async Task<DeliveryReceipt> RefuseAsync(Delivery delivery, ReceiptKind kind, Sentence why, CancellationToken cancellationToken)
    {
        await SaveAsync(delivery, DeliveryOutcome.Unreadable, $"not readable: {why}", cancellationToken);
        return new DeliveryReceipt(kind, [], why);
    }

    private async Task<DeliveryReceipt> DeployAsync(Project project, Delivery delivery, List<(Push Push, TriggerVerdict Verdict)> wanted, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var following = await FollowingAsync(db, project, delivery, cancellationToken);
        if ((following.Count == 0 || following[0].Seen) && await FindEarlierAsync(db, delivery, cancellationToken) is { } earlier)
        {
            await transaction.CommitAsync(cancellationToken);
            return earlier;
        }

        var batch = new WriteBatch(db);
        var (added, notes) = (new List<NewDeployment>(), new List<Sentence>());
        foreach (var (push, _) in wanted)
        {
            if (added.Count > 0)
            {
                // Each needs a number of its own.
                following = await FollowingAsync(db, project, delivery, cancellationToken);
            }

            foreach (var (environment, next, _) in following)
            {
                await AddAsync(next, new DeploymentOrder(actor, project, environment, new DeploymentRequest { Environment = environment.Name, Ref = push.Name }, Trigger.Webhook, CommitOf(push)));
            }
        }

        if (added.Count == 0)
        {
            var but = notes.Count > 0 ? Together(notes) : Sentence.Of("no environment of the project deploys by itself (autoDeploy)");
            return await IgnoreAsync(delivery, $"{wanted[0].Verdict.Why}, but {but}", cancellationToken);
        }

        delivery.Deployments = [.. added.Select(a => a.Row.Id)];
        (delivery.Outcome, delivery.Verdict) = (DeliveryOutcome.Accepted, Sentence.Of($"accepted: {Together(wanted.Select(w => w.Verdict.Why))} → {Together(notes)}"));
        batch.Add(delivery, id => delivery.Id = id);
        var announced = added.ConvertAll(one => add.GiveWay(batch, one));
        await batch.CommitAsync(cancellationToken);
        add.Announce(announced);
        feed.Publish(new Change(ChangeKind.Delivery, delivery.Id, delivery.ProjectId));
        return new DeliveryReceipt(ReceiptKind.Accepted, delivery.Deployments, delivery.Verdict);

        async Task AddAsync(NextNumbers next, DeploymentOrder order)
        {
            try
            {
                added.Add(await add.RunAsync(db, batch, order, next, cancellationToken));
                notes.Add(Sentence.Verbatim($"{order.Environment.Name} #{added[^1].Row.Id}"));
            }
            catch (Conflict refused)
            {
                // One environment that cannot take it must not keep the others from it.
                notes.Add($"{order.Environment.Name}: {refused.Said}");
            }
        }
    }

    private static async Task<List<Following>> FollowingAsync(DevOpsDbContext db, Project project, Delivery delivery, CancellationToken cancellationToken)
    {
        var all = new List<Following>();
        await foreach (var one in Followers(db, project.Id, delivery.Provider, delivery.SenderId).WithCancellation(cancellationToken))
        {
            all.Add(one);
        }

        return all;
    }

    private async Task<DeliveryReceipt> IgnoreAsync(Delivery delivery, Sentence why, CancellationToken cancellationToken)
    {
        await SaveAsync(delivery, DeliveryOutcome.Ignored, $"ignored: {why}", cancellationToken);
        return new DeliveryReceipt(ReceiptKind.Ignored, [], why);
    }

    private async Task SaveAsync(Delivery delivery, DeliveryOutcome outcome, Sentence verdict, CancellationToken cancellationToken)
    {
        (delivery.Outcome, delivery.Verdict) = (outcome, verdict);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Deliveries.Add(delivery);
        await db.SaveChangesAsync(cancellationToken);
        feed.Publish(new Change(ChangeKind.Delivery, delivery.Id, delivery.ProjectId));
    }

    private async Task<DeliveryReceipt?> FindEarlierAsync(DevOpsDbContext db, Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.SenderId is null)
        {
            return null;
        }

        var rows = Earlier(db, delivery);
        var earlier = await rows.Select(d => new { d.Id, d.Deployments }).FirstOrDefaultAsync(cancellationToken);
        if (earlier is null)
        {
            return null;
        }

        await rows.ExecuteUpdateAsync(set => set.SetProperty(d => d.Times, d => d.Times + 1), cancellationToken);
        feed.Publish(new Change(ChangeKind.Delivery, earlier.Id, delivery.ProjectId));
        return new DeliveryReceipt(ReceiptKind.Ignored, earlier.Deployments, "this delivery was already received");
    }

    private static IQueryable<Delivery> Earlier(DevOpsDbContext db, Delivery delivery) => db.Deliveries.Where(
        d => d.ProjectId == delivery.ProjectId && d.Provider == delivery.Provider && d.SenderId == delivery.SenderId && d.SenderId != null && d.Deployments.Count > 0);

    // A sender may tell of a hundred branches at once.
    private static Sentence Together(IEnumerable<Sentence> told) => Sentence.Join("; ", told.Take(MaxTold));

    private static Sentence WhyNoPush(string name) => name switch
    {
        "ping" or "diagnostics:ping" => Sentence.Of("a ping: the webhook works"),
        _ => Sentence.Of($"the event {name} is not a push"),
    };

    private static SourceCommit? CommitOf(Push push) =>
        push.Commit is { } sha ? new SourceCommit(sha, Excerpt.Shortened(push.Message.Split('\n')[0].TrimEnd(), MaxMessage), Excerpt.Shortened(push.Author, MaxAuthor), push.Name, default) : null;

    // An environment that deploys by itself, the numbers its deployment gets, and whether this delivery was there before.
    private sealed record Following(DeploymentEnvironment Environment, NextNumbers Next, bool Seen);
}
