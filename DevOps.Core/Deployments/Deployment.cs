using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments;

/// <summary>One attempt to make a release current in one environment.</summary>
public sealed class Deployment
{
    /// <summary>Row id and the number people know it by.</summary>
    public long Id { get; set; }

    /// <summary>The project.</summary>
    public long ProjectId { get; set; }

    /// <summary>The environment.</summary>
    public long EnvironmentId { get; set; }

    /// <summary>Where it stands. Changed only by <see cref="MoveTo"/>; saved with a compare on the old value.</summary>
    public DeploymentStatus Status { get; private set; } = DeploymentStatus.Queued;

    /// <summary>Number of its release, once known.</summary>
    public int? Release { get; set; }

    /// <summary>Why it was asked for.</summary>
    public Trigger Trigger { get; set; }

    /// <summary>User name of who asked.</summary>
    public required string RequestedBy { get; set; }

    /// <summary>Branch, tag or commit that was asked for; empty when a release was.</summary>
    public string RequestedRef { get; set; } = "";

    /// <summary>Names of the servers it is for, a part of the environment's; empty for all.</summary>
    public List<string> RequestedServers { get; set; } = [];

    /// <summary>Full hash of the commit, once known.</summary>
    public string? CommitSha { get; set; }

    /// <summary>First line of the commit message.</summary>
    public string? CommitMessage { get; set; }

    /// <summary>Author of the commit.</summary>
    public string? CommitAuthor { get; set; }

    /// <summary>Branch or tag of the commit.</summary>
    public string? CommitRef { get; set; }

    /// <summary>When the commit was made (UTC), once known.</summary>
    public DateTimeOffset? CommitAt { get; set; }

    /// <summary>Why, in the words of who asked.</summary>
    public string Note { get; set; } = "";

    /// <summary>When it was asked for (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a worker first took it (UTC).</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it reached a final state (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>What went wrong and what to do, in English.</summary>
    public string? Error { get; set; }

    /// <summary>The same as a sentence that can be said in other languages; null in rows from before there were such.</summary>
    public Sentence? ErrorSentence { get; set; }

    /// <summary>What became of servers already switched.</summary>
    public RollbackState Rollback { get; set; }

    /// <summary>The job that runs it.</summary>
    public long? JobId { get; set; }

    /// <summary>Number kept for the release it builds, from the moment the build begins.</summary>
    public int? ReservedRelease { get; set; }

    /// <summary>How many people have to say yes, as the environment asked when it was requested; 0 for none.</summary>
    public int ApprovalsRequired { get; set; }

    /// <summary>The role they need at least.</summary>
    public Role ApprovalRole { get; set; } = Role.Maintainer;

    /// <summary>When it ends without them (UTC); null when none are asked for.</summary>
    public DateTimeOffset? ApprovalExpiresAt { get; set; }

    /// <summary>Whether it passes over freezes.</summary>
    public bool OverrideFreeze { get; set; }

    /// <summary>What person's word it waits for while it runs.</summary>
    public RolloutPause Pause { get; set; }

    /// <summary>Until when its first servers are watched (UTC); null before they are done, or when nobody asked for it.</summary>
    public DateTimeOffset? SoakUntil { get; set; }

    /// <summary>Who said that the others may follow the first servers.</summary>
    public string? ConfirmedBy { get; set; }

    /// <summary>Who said that it has to go back.</summary>
    public string? TakeBackBy { get; set; }

    /// <summary>When a person asked to stop it (UTC).</summary>
    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>Who asked to stop it.</summary>
    public string? CancelRequestedBy { get; set; }

    /// <summary>True when the log will get no further lines.</summary>
    public bool LogComplete { get; set; }

    /// <summary>Its servers.</summary>
    public List<DeploymentServer> Servers { get; set; } = [];

    /// <summary>What people decided about it.</summary>
    public List<Approval> Approvals { get; set; } = [];

    /// <summary>Its steps, in order.</summary>
    public List<DeploymentStep> Steps { get; set; } = [];

    /// <summary>Lets a new deployment begin before those who have to approve it, under the rule of this moment.</summary>
    /// <param name="rule">The environment's rule.</param>
    /// <param name="now">Time of the request (UTC).</param>
    /// <exception cref="InvalidOperationException">It was stored already.</exception>
    public void AwaitApproval(ApprovalRule rule, DateTimeOffset now)
    {
        if (Id != 0)
        {
            throw new InvalidOperationException($"Deployment {Id} is not new.");
        }

        Status = DeploymentStatus.PendingApproval;
        (ApprovalsRequired, ApprovalRole, ApprovalExpiresAt) = (rule.Required, rule.Role, now + TimeSpan.FromSeconds(rule.ExpireSeconds));
    }

    /// <summary>Moves on to another state.</summary>
    /// <param name="status">The new state.</param>
    /// <param name="now">Time of the move (UTC).</param>
    /// <exception cref="IllegalTransition">The table of moves forbids it.</exception>
    public void MoveTo(DeploymentStatus status, DateTimeOffset now)
    {
        if (!DeploymentTransitions.IsLegal(Status, status))
        {
            throw new IllegalTransition(Id, Status, status);
        }

        Status = status;
        if (status == DeploymentStatus.Running)
        {
            StartedAt ??= now;
        }

        if (status.IsFinal())
        {
            FinishedAt = now;
        }
    }
}

/// <summary>A move between states that the table forbids.</summary>
public sealed class IllegalTransition(long deployment, DeploymentStatus from, DeploymentStatus to)
    : InvalidOperationException($"Deployment {deployment} cannot go from {from} to {to}.");
