using DevOps.Core.Refusals;

namespace DevOps.Core.Webhooks;

/// <summary>A webhook that was received, with what was decided. Rejected ones are counted together, by minute.</summary>
public sealed class Delivery
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The project.</summary>
    public long ProjectId { get; set; }

    /// <summary>Who sent it.</summary>
    public WebhookProvider Provider { get; set; }

    /// <summary>What the sender calls it; null when it has no name for it.</summary>
    public string? SenderId { get; set; }

    /// <summary>The event, in the sender's word.</summary>
    public string Event { get; set; } = "";

    /// <summary>Branch or tag, when it is a push.</summary>
    public string? Ref { get; set; }

    /// <summary>Hash of the newest commit, when it is a push.</summary>
    public string? CommitSha { get; set; }

    /// <summary>Who pushed, as the sender knows them.</summary>
    public string? Sender { get; set; }

    /// <summary>What was decided.</summary>
    public DeliveryOutcome Outcome { get; set; }

    /// <summary>Why, in words.</summary>
    public Sentence Verdict { get; set; } = "";

    /// <summary>Numbers of the deployments it led to.</summary>
    public List<long> Deployments { get; set; } = [];

    /// <summary>When it came (UTC); of rejected ones the minute.</summary>
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>Address it came from.</summary>
    public string? Address { get; set; }

    /// <summary>How often it came.</summary>
    public int Times { get; set; } = 1;

    /// <summary>The delivery that was sent again, when this is a repetition asked for here.</summary>
    public long? RepeatOf { get; set; }

    /// <summary>Its headers, secretive values hidden.</summary>
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>Its body, secrets hidden; null when it is too long to be kept or was not authenticated.</summary>
    public byte[]? Body { get; set; }

    /// <summary>Length of its body, in bytes.</summary>
    public int BodyBytes { get; set; }
}

/// <summary>What was decided over a delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>It led to deployments.</summary>
    Accepted,

    /// <summary>It is authentic and led to nothing.</summary>
    Ignored,

    /// <summary>It is authentic and cannot be read.</summary>
    Unreadable,

    /// <summary>It is not authentic.</summary>
    Rejected,
}
