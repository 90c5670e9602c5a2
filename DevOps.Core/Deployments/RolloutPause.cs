namespace DevOps.Core.Deployments;

/// <summary>What person's word a running deployment waits for. It holds the deploy lock, but no runner.</summary>
public enum RolloutPause
{
    /// <summary>None.</summary>
    None,

    /// <summary>That the others may follow the first servers.</summary>
    Confirmation,

    /// <summary>What to do about a server that failed.</summary>
    Decision,
}

/// <summary>A person's word to a deployment that waits for it.</summary>
public enum ContinueAction
{
    /// <summary>Go on; what failed stays failed.</summary>
    Continue,

    /// <summary>Try the failed server again.</summary>
    Retry,

    /// <summary>Leave the failed server as it is and go on.</summary>
    Skip,

    /// <summary>Take every switched server back.</summary>
    Rollback,
}

/// <summary>What a journal knows of the rollout as a whole.</summary>
/// <param name="SoakUntil">Until when the first servers are watched (UTC).</param>
/// <param name="ConfirmedBy">Who said that the others may follow.</param>
/// <param name="TakeBackBy">Who said that it has to go back.</param>
public sealed record RolloutRecord(DateTimeOffset? SoakUntil, string? ConfirmedBy, string? TakeBackBy);
