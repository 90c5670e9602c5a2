using System.Globalization;
using System.Text.Json;
using DevOps.Core.Deployments;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Deployments;

/// <summary>What stands in the queue for a deployment.</summary>
/// <param name="DeploymentId">The deployment.</param>
internal sealed record DeploymentJob(long DeploymentId)
{
    public const string Kind = "deployment";

    // One that passes over a freeze does not wait behind those that do not.
    private const int AheadOfFrozen = -1;

    public static NewJob New(Deployment deployment) => new(Kind, JsonSerializer.Serialize(new DeploymentJob(deployment.Id), Json.Options))
    {
        LockKey = LockKey(deployment.EnvironmentId),
        Priority = deployment.OverrideFreeze ? AheadOfFrozen : 0,
    };

    /// <summary>The deploy lock of an environment.</summary>
    public static string LockKey(long environmentId) => $"environment:{environmentId.ToString(CultureInfo.InvariantCulture)}";

    public static long DeploymentOf(Job job) => JsonSerializer.Deserialize<DeploymentJob>(job.Payload, Json.Options)!.DeploymentId;
}
