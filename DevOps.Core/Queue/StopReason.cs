namespace DevOps.Core.Queue;

/// <summary>Why a running job is told to drop what it holds. The first reason stays.</summary>
public enum StopReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Somebody took the job back: wind up and return.</summary>
    CancelRequested,

    /// <summary>The lease could not be renewed; another worker may hold the job already, so touch nothing outside any more.</summary>
    LeaseLost,

    /// <summary>The process ends and its time of grace is over; another turn goes on from where this one stopped.</summary>
    HouseStopping,
}
