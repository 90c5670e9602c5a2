namespace DevOps.Core.Deployments;

/// <summary>Why a deployment was asked for.</summary>
public enum Trigger
{
    /// <summary>A person pressed a button.</summary>
    Manual,

    /// <summary>A push to git.</summary>
    Webhook,

    /// <summary>A call of the HTTP interface.</summary>
    Api,

    /// <summary>A schedule.</summary>
    Schedule,

    /// <summary>The release of another environment.</summary>
    Promotion,

    /// <summary>The way back.</summary>
    Rollback,
}

/// <summary>What became of the servers that were already switched when a deployment failed or was cancelled.</summary>
public enum RollbackState
{
    /// <summary>Nothing had to go back, or it was not asked for.</summary>
    None,

    /// <summary>Every switched server runs what it ran before.</summary>
    Complete,

    /// <summary>At least one switched server could not be taken back.</summary>
    Partial,
}

/// <summary>Name of a step.</summary>
public enum StepName
{
    /// <summary>The commit is resolved and its files are taken out.</summary>
    Checkout,

    /// <summary>The container runs.</summary>
    Build,

    /// <summary>The artifacts become a release.</summary>
    Package,

    /// <summary>The release goes to a server.</summary>
    Upload,

    /// <summary>Commands before the switch.</summary>
    BeforeActivate,

    /// <summary>The switch.</summary>
    Activate,

    /// <summary>Restart commands and those after them.</summary>
    Restart,

    /// <summary>The running release is judged.</summary>
    Health,

    /// <summary>Old releases are removed.</summary>
    Cleanup,

    /// <summary>A switched server goes back to what it ran before.</summary>
    Rollback,
}

/// <summary>State of a step.</summary>
public enum StepStatus
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>There was nothing to do, or it was not reached.</summary>
    Skipped,

    /// <summary>Stopped by a person.</summary>
    Cancelled,
}

/// <summary>State of one server in a deployment.</summary>
public enum ServerStatus
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Runs the release, healthy.</summary>
    Succeeded,

    /// <summary>A step failed on it.</summary>
    Failed,

    /// <summary>Was not touched.</summary>
    Skipped,

    /// <summary>Was switched and went back.</summary>
    RolledBack,
}
