using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Retention;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>The door for webhooks: authenticates the raw bytes, then reads, decides and stores. Whoever knows the project's secret may ask for what its triggers say, and for nothing else.</summary>
public sealed class ReceiveDelivery(WebhookTargets targets, RejectedDeliveries rejected, DecideDelivery decide, IOptions<RetentionOptions> retention, TimeProvider time)
{
    // Something to compare with where there is no secret, so that a missing project takes as long as one that is there.
    private static readonly Sensitive Nobody = new("whsec_" + Convert.ToBase64String(new byte[32]));

    /// <summary>Receives a delivery. No other network call happens than to the database.</summary>
    /// <param name="received">What came.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<DeliveryReceipt> RunAsync(ReceivedDelivery received, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var target = await targets.FindAsync(received.ProjectKey, cancellationToken);
        var secrets = target?.SecretsAt(now) ?? [];
        var signature = WebhookSignature.Check(received.Provider, received.Headers, received.Body.Span, secrets.Count > 0 ? secrets : [Nobody], now);
        if (target is null || secrets.Count == 0 || signature != SignatureAnswer.Good)
        {
            if (target is not null)
            {
                rejected.Count(new Rejection(target.Project.Id, received.Provider, received.Address, secrets.Count > 0 ? signature : null));
            }

            return new DeliveryReceipt(ReceiptKind.Rejected, [], "The project is not known, or the signature is missing or wrong.");
        }

        var delivery = new Delivery
        {
            ProjectId = target.Project.Id,
            Provider = received.Provider,
            SenderId = DeliveryReader.IdOf(received.Provider, received.Headers),
            ReceivedAt = now,
            Address = received.Address,
            Headers = received.Headers.Redacted(),
            Body = KeptBody.Of(received.Body, secrets, received.Headers, retention.Value.DeliveryBodyBytes),
            BodyBytes = received.Body.Length,
        };
        return await ReadAsync(target, delivery, received, cancellationToken);
    }

    private async Task<DeliveryReceipt> ReadAsync(WebhookTarget target, Delivery delivery, ReceivedDelivery received, CancellationToken cancellationToken)
    {
        if (!IsJson(received.ContentType))
        {
            return await decide.RefuseAsync(delivery, ReceiptKind.WrongType, WrongType(received), cancellationToken);
        }

        try
        {
            var content = DeliveryReader.Read(received.Provider, received.Headers, received.Body);
            var actor = new Actor(NameOf(content.Sender), Role.None, new Dictionary<long, Role> { [target.Project.Id] = Role.Deployer }, received.Address);
            return await decide.DecideAsync(target.Project, delivery, content, actor, cancellationToken);
        }
        catch (InvalidInput faults)
        {
            return await decide.RefuseAsync(delivery, ReceiptKind.Unreadable, Sentence.Join(" ", faults.Faults.Select(f => Sentence.Of($"{f.Key}: {Sentence.Join(" ", f.Value)}"))), cancellationToken);
        }
    }

    private static bool IsJson(string? contentType)
    {
        var type = (contentType ?? "").Split(';')[0].Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static Sentence WrongType(ReceivedDelivery received)
    {
        var isForm = received.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;
        return (received.Provider, isForm) switch
        {
            (WebhookProvider.Github, true) => Sentence.Of("The delivery came as a form. On GitHub, edit the webhook and set \"Content type\" to application/json."),
            (WebhookProvider.Gitea, true) => Sentence.Of("The delivery came as a form. Edit the webhook and set its POST content type to application/json."),
            (WebhookProvider.Generic, _) => Sentence.Of("Send JSON with the header Content-Type: application/json."),
            _ => Sentence.Of("Set the content type of the webhook to application/json."),
        };
    }

    private static string NameOf(string? sender)
    {
        var name = new string([.. (sender ?? "").Where(c => !char.IsControl(c)).Take(100)]).Trim();
        return name.Length > 0 ? name : "webhook";
    }
}

/// <summary>A request that came to the door, not yet authenticated.</summary>
/// <param name="Provider">Who claims to send it.</param>
/// <param name="ProjectKey">The project it is for.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="ContentType">Its content type.</param>
/// <param name="Body">Its bytes as they came.</param>
/// <param name="Address">Where it came from.</param>
public sealed record ReceivedDelivery(WebhookProvider Provider, string ProjectKey, WebhookHeaders Headers, string? ContentType, ReadOnlyMemory<byte> Body, string Address);

/// <summary>What became of a delivery.</summary>
/// <param name="Kind">What was decided.</param>
/// <param name="Deployments">Deployments it led to, now or when it came first.</param>
/// <param name="Why">In words.</param>
public sealed record DeliveryReceipt(ReceiptKind Kind, IReadOnlyList<long> Deployments, Sentence Why);

/// <summary>What was decided over a delivery.</summary>
public enum ReceiptKind
{
    /// <summary>It led to deployments.</summary>
    Accepted,

    /// <summary>It led to nothing, or was there before.</summary>
    Ignored,

    /// <summary>It is not JSON, or lacks what a push has.</summary>
    Unreadable,

    /// <summary>It is not sent as JSON.</summary>
    WrongType,

    /// <summary>It is not authentic, or for a project that is not there.</summary>
    Rejected,
}
