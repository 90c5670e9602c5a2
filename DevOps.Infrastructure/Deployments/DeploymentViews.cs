using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Deployments;

/// <summary>A deployment as lists show it.</summary>
public record DeploymentSummary
{
    public required long Id { get; init; }

    public required string Project { get; init; }

    public required string Environment { get; init; }

    public required DeploymentStatus Status { get; init; }

    public int? Release { get; init; }

    public required Trigger Trigger { get; init; }

    public required string RequestedBy { get; init; }

    public required CommitView Commit { get; init; }

    public required string Note { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public Sentence? Error { get; init; }

    public Sentence? WaitingFor { get; init; }

    public required RollbackState Rollback { get; init; }
}

/// <summary>A deployment with all its parts.</summary>
public sealed record DeploymentDetail : DeploymentSummary
{
    public required IReadOnlyList<DeploymentServerView> Servers { get; init; }

    /// <summary>Decisions of people, in their order.</summary>
    public required IReadOnlyList<ApprovalView> Approvals { get; init; }

    /// <summary>How many people have to say yes; 0 for none.</summary>
    public int ApprovalsRequired { get; init; }

    /// <summary>The role they need at least.</summary>
    public Role ApprovalRole { get; init; }

    /// <summary>When it ends without them.</summary>
    public DateTimeOffset? ApprovalExpiresAt { get; init; }

    /// <summary>What person's word it waits for while it runs.</summary>
    public RolloutPause Pause { get; init; }

    public required IReadOnlyList<DeploymentStepView> Steps { get; init; }

    /// <summary>What it is built and put on servers with; null until the checkout found it.</summary>
    public ConfigView? Config { get; init; }

    /// <summary>Where that comes from.</summary>
    public ConfigSource ConfigSource { get; init; }
}

/// <summary>What a deployment is built and put on servers with; <see cref="Build"/> is null when it was given a release that was there before.</summary>
public sealed record ConfigView(BuildSpec? Build, DeploySpec Deploy);

/// <summary>The commit of a deployment; <see cref="Sha"/> is null until the checkout found it.</summary>
public sealed record CommitView(string? Sha, string? Message, string? Author, string? Ref);

/// <summary>What a person decided.</summary>
public sealed record ApprovalView(string By, ApprovalDecision Decision, DateTimeOffset At, string Comment);

/// <summary>One server of a deployment.</summary>
public sealed record DeploymentServerView(string Name, ServerStatus Status, int? Release, int? PreviousRelease, Sentence? Error, bool PassedOver);

/// <summary>One step of a deployment.</summary>
public sealed record DeploymentStepView(StepName Name, string? Server, StepStatus Status, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int? ExitCode, long? FirstLine);

/// <summary>What a list of deployments is narrowed to.</summary>
public sealed record DeploymentFilter(string? Project = null, string? Environment = null, DeploymentStatus? Status = null);
