using System.Globalization;
using System.Text.Json;

namespace DevOps.Infrastructure.Docker;

/// <summary>The labels on everything that is made on the engine; what does not carry them is never touched.</summary>
public static class Labels
{
    /// <summary>Which installation made it.</summary>
    public const string Installation = "devops.installation";

    /// <summary>For which deployment.</summary>
    public const string Deployment = "devops.deployment";

    /// <summary>For which project.</summary>
    public const string Project = "devops.project";

    /// <summary>Which folder a cache volume keeps.</summary>
    public const string Cache = "devops.cache";

    /// <summary>A filter of the engine's lists, as it stands in a query: what this installation made, of one deployment or of all.</summary>
    public static string Filter(string installation, long? deploymentId = null)
    {
        string[] labels = deploymentId is { } id
            ? [$"{Installation}={installation}", $"{Deployment}={id.ToString(CultureInfo.InvariantCulture)}"]
            : [$"{Installation}={installation}", Deployment];
        return Uri.EscapeDataString(JsonSerializer.Serialize(new { label = labels }));
    }
}
