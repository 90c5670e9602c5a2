using DevOps.Core.Refusals;
using DevOps.Core.Webhooks;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>A delivery in a list.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ReceivedAt">When it came (UTC); of rejected ones the minute.</param>
/// <param name="Provider">Who sent it.</param>
/// <param name="Event">The event, in the sender's word; empty when it was not authentic.</param>
/// <param name="Ref">Branch or tag.</param>
/// <param name="Commit">Hash of the newest commit.</param>
/// <param name="Sender">Who pushed.</param>
/// <param name="Outcome">What was decided.</param>
/// <param name="Verdict">Why, in words.</param>
/// <param name="Deployments">Deployments it led to.</param>
/// <param name="Times">How often it came.</param>
/// <param name="RepeatOf">The delivery that was sent again here, if this is a repetition.</param>
public sealed record DeliveryView(
    long Id, DateTimeOffset ReceivedAt, WebhookProvider Provider, string Event, string? Ref, string? Commit, string? Sender, DeliveryOutcome Outcome, Sentence Verdict,
    IReadOnlyList<long> Deployments, int Times, long? RepeatOf);

/// <summary>A delivery with all that is kept of it.</summary>
/// <param name="Delivery">What the list shows.</param>
/// <param name="SenderId">What the sender calls it.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="Headers">Its headers, secretive values hidden.</param>
/// <param name="Body">Its body, secrets hidden; null when it was too long to be kept.</param>
/// <param name="BodyBytes">Length of its body, in bytes.</param>
public sealed record DeliveryDetail(DeliveryView Delivery, string? SenderId, string? Address, IReadOnlyDictionary<string, string> Headers, string? Body, int BodyBytes)
{
    /// <summary>Whether it can be sent again from here.</summary>
    public bool CanRepeat => Body is not null && Delivery.Outcome != DeliveryOutcome.Rejected;
}

/// <summary>What some triggers would make of a delivery.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="ReceivedAt">When it came (UTC).</param>
/// <param name="Event">The event.</param>
/// <param name="Ref">Branch or tag.</param>
/// <param name="Deploys">Whether it would deploy.</param>
/// <param name="Verdict">Why, in words.</param>
public sealed record TriedDelivery(long Id, DateTimeOffset ReceivedAt, string Event, string? Ref, bool Deploys, Sentence Verdict);
