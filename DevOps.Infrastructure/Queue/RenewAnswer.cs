namespace DevOps.Infrastructure.Queue;

/// <summary>What the database says to a renewal.</summary>
public enum RenewAnswer
{
    /// <summary>Another lease.</summary>
    Renewed,

    /// <summary>Another lease, to wind up: somebody cancelled the job.</summary>
    CancelRequested,

    /// <summary>The job is not this turn's any more.</summary>
    Refused,
}
