using System.Globalization;
using System.Text.Json;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Deployments;

/// <summary>What stands in the queue for a deployment.</summary>
/// <param name="DeploymentId">The deployment.</param>
internal sealed record DeploymentJob(long DeploymentId)
{
    public const string Kind = "deployment";

    public static NewJob New(long deploymentId, long environmentId) => new(Kind, JsonSerializer.Serialize(new DeploymentJob(deploymentId), Json.Options))
    {
        LockKey = $"environment:{environmentId.ToString(CultureInfo.InvariantCulture)}",
    };

    public static long DeploymentOf(Job job) => JsonSerializer.Deserialize<DeploymentJob>(job.Payload, Json.Options)!.DeploymentId;
}
