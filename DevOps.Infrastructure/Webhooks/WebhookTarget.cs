using DevOps.Core.Projects;
using DevOps.Core.Secrets;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>What a delivery to a project is held against.</summary>
/// <param name="Project">The project.</param>
/// <param name="Secrets">Its secrets, each with the time after which it counts no more.</param>
public sealed record WebhookTarget(Project Project, IReadOnlyList<(Sensitive Value, DateTimeOffset? Until)> Secrets)
{
    /// <summary>The secrets that count at a time.</summary>
    public List<Sensitive> SecretsAt(DateTimeOffset now) => [.. Secrets.Where(s => s.Until is null || s.Until > now).Select(s => s.Value)];
}
