namespace DevOps.Core.Deployments;

/// <summary>The only table of legal moves between the states of a deployment.</summary>
public static class DeploymentTransitions
{
    private static readonly Dictionary<DeploymentStatus, DeploymentStatus[]> Moves = new()
    {
        [DeploymentStatus.PendingApproval] = [DeploymentStatus.Queued, DeploymentStatus.Rejected, DeploymentStatus.Cancelled, DeploymentStatus.Superseded],
        [DeploymentStatus.Queued] = [DeploymentStatus.Running, DeploymentStatus.Cancelled, DeploymentStatus.Superseded, DeploymentStatus.Failed],
        [DeploymentStatus.Running] = [DeploymentStatus.Succeeded, DeploymentStatus.Failed, DeploymentStatus.Cancelled],
    };

    /// <summary>Says whether a move is legal. Nothing leaves a final state.</summary>
    public static bool IsLegal(DeploymentStatus from, DeploymentStatus to) =>
        Moves.TryGetValue(from, out var targets) && targets.Contains(to);

    /// <summary>Says whether a state is final.</summary>
    public static bool IsFinal(this DeploymentStatus status) => !Moves.ContainsKey(status);
}
