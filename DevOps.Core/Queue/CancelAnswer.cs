namespace DevOps.Core.Queue;

/// <summary>What became of the wish to cancel a job.</summary>
public enum CancelAnswer
{
    /// <summary>There is no such job, or it had ended.</summary>
    TooLate,

    /// <summary>It had never begun and never will: who asked cleans up.</summary>
    Cancelled,

    /// <summary>It had begun: its holder (the present one, or the next when it waits for a retry) is told and winds up.</summary>
    Asked,
}
