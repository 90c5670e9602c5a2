namespace DevOps.Core.Logs;

/// <summary>The writer of a log no longer holds its job: another worker goes on with it. Nothing more is written.</summary>
public sealed class LogFenceLost : Queue.LeaseLost
{
    /// <summary>Refuses a write.</summary>
    public LogFenceLost(long deploymentId)
        : base($"The log of deployment {deploymentId} is written by another worker now.")
    {
    }

    /// <summary>Says it again to a later writer.</summary>
    public LogFenceLost(LogFenceLost first)
        : base(first.Message, first)
    {
    }
}
