using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments;

/// <summary>One server of a deployment.</summary>
public sealed class DeploymentServer
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>The deployment.</summary>
    public long DeploymentId { get; set; }

    /// <summary>The server's row, null once it was deleted.</summary>
    public long? ServerId { get; set; }

    /// <summary>The server's name.</summary>
    public required string Name { get; set; }

    /// <summary>Place in the order of servers, from 0.</summary>
    public int Position { get; set; }

    /// <summary>Where it stands.</summary>
    public ServerStatus Status { get; set; }

    /// <summary>Number of the release that is current on it as far as this deployment knows.</summary>
    public int? Release { get; set; }

    /// <summary>Number of the release that was current before this deployment.</summary>
    public int? PreviousRelease { get; set; }

    /// <summary>True when a person said to go on in spite of its failure.</summary>
    public bool PassedOver { get; set; }

    /// <summary>True once it was read what was current before.</summary>
    public bool PreviousKnown { get; set; }

    /// <summary>True from the switch on until it was taken back: what a rollback must undo.</summary>
    public bool Switched { get; set; }

    /// <summary>What went wrong on it, in English.</summary>
    public string? Error { get; set; }

    /// <summary>The same as a sentence that can be said in other languages; null in rows from before there were such.</summary>
    public Sentence? ErrorSentence { get; set; }
}
